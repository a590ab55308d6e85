"""How the gradients of several batches are put together before a step. Runs inside the jail.

Some values of one gradient are followed from the tape to the optimiser. They are kept in variables, so that eager code
and traced functions are followed in the same way.
"""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from observe.keras.calls import within
from observe.keras.listen import listen
from observe.keras.losses_graph import taped
from observe.keras.train import is_variable, key
from observe.record import Record, user_frame

VALUES = 64
MOST_STEPS = 512


class Accumulation:
    """For each step: how many gradients came before it, and what share of their sum it was given."""

    name = "keras-accumulation"

    def __init__(self, watch: Any) -> None:
        self.record: Record = watch.record
        self.followed: int | None = None
        """The variable whose gradient is followed."""
        self.places: set[tuple[str, int] | None] = set()
        self.means: list[Any] = []
        """The latest results of losses and means under a tape."""
        self.plain = 0
        self.asked = 0
        self.total = tf.Variable(tf.zeros([VALUES]), trainable=False)
        self.latest = tf.Variable(tf.zeros([VALUES]), trainable=False)
        self.taken = tf.Variable(0.0, trainable=False)
        self.made = tf.Variable(0, trainable=False)
        self.steps = tf.Variable(tf.zeros([MOST_STEPS, 4]), trainable=False)
        self.record.on("differentiated", self._differentiated)
        self.record.on("stepping", self._stepping)
        self.loss: Any = None
        listen(self.record, keras.losses.Loss, "__call__", after=self._lost)
        for owner, name in ((tf, "reduce_mean"), (keras.ops, "mean")):
            listen(self.record, owner, name, after=self._averaged)

    def _lost(self, result: Any, *args: Any, **kwargs: Any) -> None:
        self.loss = result if taped() else self.loss
        self._averaged(result)

    def _averaged(self, result: Any, *args: Any, **kwargs: Any) -> None:
        if taped():
            self.means = [*self.means[-7:], result]

    def _differentiated(self, target: Any, sources: Any, gradients: Any) -> None:
        if self.record.own_loop and not within("train_step"):
            return  # Keras' own step has nothing to accumulate
        pairs = zip(tf.nest.flatten(sources), tf.nest.flatten(gradients), strict=False)
        given = {key(one): grad for one, grad in pairs if is_variable(one) and isinstance(grad, tf.Tensor)}
        if self.followed is None:
            self.followed = next((one for one, grad in reversed(given.items()) if _size(grad) >= VALUES), None)
        if self.followed not in given or self._is_done():
            return
        self.asked += 1
        self.plain += any(one is target for one in self.means) or self._is_whole(target)
        self.means, self.loss = [], None
        self.places.add(user_frame())
        self.total.assign_add(_some(given[self.followed]))
        self.latest.assign(_some(given[self.followed]))
        self.taken.assign_add(1.0)

    def _is_whole(self, target: Any) -> bool:
        """Whether nothing has divided the sum of a loss and of what is added to it."""
        if not self.means:
            return False
        if tf.executing_eagerly():
            known = self.means if self.loss is None else [self.loss]
            terms = [one for one in known if isinstance(one, tf.__internal__.EagerTensor) and not len(one.shape)]
            return bool(terms) and float(target) >= 0.9 * max(float(one) for one in terms[-3:])
        operation = getattr(target, "op", None)
        return operation is not None and operation.type in ("AddV2", "AddN", "Sum")

    def _stepping(self, optimizer: Any, gradients: list[Any], variables: list[Any]) -> None:
        pairs = zip(variables, gradients, strict=False)
        applied = next((grad for one, grad in pairs if key(one) == self.followed), None)
        if not isinstance(applied, tf.Tensor) or self._is_done():
            return
        step, total = _some(applied), self.total.read_value()
        share = tf.math.divide_no_nan(tf.reduce_sum(step * total), tf.reduce_sum(total * total))
        row = tf.stack([self.taken.read_value(), share, _apart(step, total), _apart(step, self.latest.read_value())])
        self.steps.scatter_nd_update([[self.made.read_value() % MOST_STEPS]], [row])
        self.made.assign_add(1)
        self.taken.assign(0.0)
        self.total.assign(tf.zeros([VALUES]))

    def _is_done(self) -> bool:
        """Eager code is followed for so many steps; what is traced is the same in each step."""
        return tf.executing_eagerly() and self.asked > MOST_STEPS

    def facts(self, root: Any) -> dict[str, Any]:
        rows = np.asarray(self.steps)[: min(int(self.made), MOST_STEPS)]
        return {
            "steps": np.nan_to_num(rows, nan=9.0).tolist(),
            "left": int(self.taken),
            "whole": int(self.made) <= MOST_STEPS and self.asked <= MOST_STEPS,
            "one_line": len(self.places) == 1,
            "plain": self.asked > 0 and self.plain >= 0.8 * self.asked,
            "where": next(iter(self.places), None),
        }


def _size(gradient: Any) -> int:
    return int(np.prod([size or 0 for size in gradient.shape]))


def _some(gradient: Any) -> Any:
    """Values spread evenly over a gradient."""
    flat = tf.cast(tf.reshape(gradient, [-1]), tf.float32)
    return flat[:: max(1, _size(gradient) // VALUES)][:VALUES]


def _apart(first: Any, second: Any) -> Any:
    """The squared sine of the angle between two vectors."""
    lengths = tf.reduce_sum(first * first) * tf.reduce_sum(second * second)
    return 1.0 - tf.math.divide_no_nan(tf.reduce_sum(first * second) ** 2, lengths)
