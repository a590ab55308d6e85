"""Whether a Keras program steps along its gradients instead of against them. Runs inside the jail."""

from typing import Any

import numpy as np
import tensorflow as tf

from observe.record import Record, user_frame

LARGEST = 20_000


class Ascent:
    """Holds the gradients that are applied against those that a tape gave."""

    name = "ascent"

    def __init__(self, watch: Any) -> None:
        self.record: Record = watch.record
        self.taken: list[Any] = []
        self.steps = self.turned = 0
        self.where: Any = None
        self.negative: Any = None
        self.record.on("differentiated", self._differentiated)
        self.record.on("stepping", self._stepping)

    def _differentiated(self, target: Any, sources: Any, gradients: Any) -> None:
        self.taken = [one for one in tf.nest.flatten(gradients) if tf.is_tensor(one)]

    def _stepping(self, optimizer: Any, gradients: list[Any], variables: list[Any]) -> None:
        """Gradients are handed on as they are, as a rule, and then nothing has to be looked at."""
        given = [one for one in gradients if tf.is_tensor(one)]
        before, self.taken = self.taken, []
        same = {id(one) for one in before}
        if not before or len(given) != len(before) or any(id(one) in same for one in given):
            self.steps += bool(given)
            return
        if self.steps < 50 or self.steps % 50 == 0:
            turned = all(_is_turned(one, other) for one, other in zip(given, before, strict=True))
            self.turned += turned
            self.where = user_frame() if turned and self.where is None else self.where
        self.steps += 1

    def facts(self, root: Any) -> dict[str, Any]:
        return {"steps": self.steps, "turned": self.turned, "where": self.where}


def _is_turned(applied: Any, taken: Any) -> bool:
    """In a trace the operation tells, in eager code the values of small gradients."""
    if applied.shape != taken.shape:
        return False
    if not tf.executing_eagerly():
        operation = applied.op
        inputs = [one for one in operation.inputs if one is not taken]
        return operation.type == "Neg" or (operation.type == "Mul" and any(_is_negative(one) for one in inputs))
    if applied.shape.num_elements() > LARGEST:
        return True
    one, other = applied.numpy().astype(np.float64).ravel(), taken.numpy().astype(np.float64).ravel()
    scale = float(np.sqrt(np.square(one).sum() * np.square(other).sum()))
    return scale == 0 or float(one @ other) < -0.99 * scale


def _is_negative(constant: Any) -> bool:
    value = tf.get_static_value(constant)
    return value is not None and np.ndim(value) == 0 and float(value) < 0
