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
from observe.keras.variables import kept
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
        self.total = kept(tf.zeros([VALUES]))
        self.latest = kept(tf.zeros([VALUES]))
        self.taken = kept(0.0)
        self.made = kept(0)
        self.steps = kept(tf.zeros([MOST_STEPS, 1 + 3 * VALUES]))
        """Of each step how many gradients came before it, what it was given, their sum, and the latest of them."""
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
        row = tf.concat([self.taken[None], _some(applied), self.total, self.latest], 0)
        self.steps.scatter_nd_update([[self.made % MOST_STEPS]], [row])
        self.made.assign_add(1)
        self.taken.assign(0.0)
        self.total.assign(tf.zeros([VALUES]))

    def _is_done(self) -> bool:
        """Eager code is followed for so many steps; what is traced is the same in each step."""
        return tf.executing_eagerly() and self.asked > MOST_STEPS

    def facts(self, root: Any) -> dict[str, Any]:
        rows = np.asarray(self.steps)[: min(int(self.made), MOST_STEPS)]
        return {
            "steps": [_compare(row) for row in rows.astype(np.float64)],
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


def _compare(row: np.ndarray) -> list[float]:
    """How many gradients, what share of their sum was given, and how far it is off that sum and the latest of them."""
    step, total, latest = np.split(row[1:], 3)
    share = step @ total / (total @ total) if (total @ total) else 0.0
    compared = np.array([row[0], share, _apart(step, total), _apart(step, latest)])
    return np.nan_to_num(compared, nan=9.0).tolist()


def _apart(first: np.ndarray, second: np.ndarray) -> float:
    """The squared sine of the angle between two vectors."""
    lengths = (first @ first) * (second @ second)
    return 1.0 - (first @ second) ** 2 / lengths if lengths else 1.0
