"""Which classes a Keras program gave weights for. Runs inside the jail."""

from typing import Any

import keras

from observe.keras.listen import listen
from observe.record import Record, user_frame

MOST = 64


class ClassWeights:
    """The keys of the last `class_weight` that fit was given."""

    name = "class-weights"

    def __init__(self, watch: Any) -> None:
        self.record: Record = watch.record
        self.given: dict[str, Any] = {}
        listen(self.record, keras.Model, "fit", before=self._fitting)

    def _fitting(self, model: Any, *args: Any, **kwargs: Any) -> None:
        weights = kwargs.get("class_weight")
        if isinstance(weights, dict) and 0 < len(weights) <= MOST and not self.record.own_loop:
            self.given = {"where": user_frame(), "keys": sorted(int(one) for one in weights)}

    def facts(self, root: Any) -> dict[str, Any]:
        return self.given
