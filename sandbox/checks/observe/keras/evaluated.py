"""Whether what a Keras program asks after its training is the model that it trained. Runs inside the jail."""

from typing import Any

import keras
import tensorflow as tf

from observe.keras.calls import Model, key
from observe.keras.listen import listen
from observe.record import Record, user_frame

FEWEST_STEPS = 10


class Evaluated:
    """Models that were called since the last step, and whether the program gave any model its weights."""

    name = "keras-evaluated"

    def __init__(self, watch: Any) -> None:
        self.record: Record = watch.record
        self.calls = watch.calls
        self.step = 0
        self.asked: dict[int, tuple[Any, Any]] = {}
        self.given = False
        self.record.on("called", self._called)
        owners = ((keras.Model, "load_weights"), (keras.layers.Layer, "set_weights"), (tf.train.Checkpoint, "restore"))
        for owner, name in (*owners, (tf.train.Checkpoint, "read")):
            listen(self.record, owner, name, before=self._loading)
        for owner in (keras.models, keras.saving):
            listen(self.record, owner, "load_model", before=self._loading)
        listen(self.record, keras.Variable, "assign", before=self._assigning)

    def _loading(self, *args: Any, **kwargs: Any) -> None:
        self.given = self.given or not (self.record.own_loop or self.record.depth)

    def _assigning(self, variable: Any, value: Any) -> None:
        """What the program itself copies from model to model."""
        known = any(one.holds({key(variable)}) for one in self.calls.models.values() if not one.trained_calls)
        self.given = self.given or (known and len(variable.shape) > 1)

    def _called(self, model: Any, args: Any, kwargs: Any, output: Any) -> None:
        if self.record.steps != self.step:
            self.step, self.asked = self.record.steps, {}
        self.asked.setdefault(id(model.module), (model, user_frame()))

    def facts(self, root: Model | None) -> dict[str, Any]:
        """The place where a model like the trained one, and never trained, is asked in the place of it."""
        if root is None or self.given or self.step < FEWEST_STEPS or id(root.module) in self.asked:
            return {}
        form = _form(root.module)
        others = [one for one in self.asked.values() if _form(one[0].module) == form]
        own = {key(one) for one in root.module.weights}
        strange = [one for one in others if not one[0].trained_calls and not one[0].holds(own)]
        return {"where": strange[-1][1], "models": len(strange)} if strange and len(strange) == len(others) else {}


def _form(module: Any) -> list[tuple[Any, ...]]:
    return [tuple(one.shape) for one in module.weights] if module.built else []
