"""Compares the targets that a Keras program trains on with its inputs.

Runs inside the jail.
"""

from typing import Any

import keras
import tensorflow as tf

from observe.keras.calls import to_numpy
from observe.keras.fit import pairs
from observe.record import harmless
from observe.task import Relations

ROWS, SECONDS = 64, 0.2


class Task:
    """Looks at the batches of custom loops as they come, and at the first samples that `fit` is given."""

    name = "task"

    def __init__(self, watch: Any) -> None:
        self.record, self.relations = watch.record, Relations()
        self.record.on("batch", self._batch)
        original, look = keras.Model.fit, harmless(self.record)(self._fitted)

        def fit(model: Any, x: Any = None, y: Any = None, *args: Any, **kwargs: Any) -> Any:
            outermost = not self.record.own_loop
            result = original(model, x, y, *args, **kwargs)
            if outermost:
                with self.record.aside():
                    look(x, y)
            return result

        keras.Model.fit = fit

    def facts(self, root: Any) -> dict[str, Any]:
        return self.relations.facts()

    def _batch(self, current: Any, leaves: list[Any]) -> None:
        if len(leaves) > 1 and all(hasattr(one, "shape") for one in leaves) and self.relations.wanted():
            self.relations.look([to_numpy(one) for one in leaves[:-1]], to_numpy(leaves[-1]))

    def _fitted(self, x: Any, y: Any) -> None:
        for inputs, targets in pairs(x, y, seconds=SECONDS):
            given, right = tf.nest.flatten(inputs), tf.nest.flatten(targets)
            if len(right) == 1 and all(hasattr(one, "shape") for one in [*given, *right]):
                self.relations.look([to_numpy(one[:ROWS]) for one in given], to_numpy(right[0][:ROWS]))
            return
