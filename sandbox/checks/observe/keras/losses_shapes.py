"""A column of predictions against a row of targets, in losses that are written as plain arithmetic."""

from typing import Any

import numpy as np
import tensorflow as tf

from observe.keras.calls import Calls
from observe.keras.losses_graph import is_data, taped
from observe.record import Record, harmless

METHODS = ("__sub__", "__rsub__", "__mul__", "__rmul__")


def watch_shapes(record: Record, calls: Calls) -> None:
    """The model's answer (N, 1), or what was computed from it, and data of shape (N,) make an N x N matrix."""
    note = harmless(record)(_look)
    for name in METHODS:
        original = getattr(tf.Tensor, name)

        def combined(first: Any, second: Any, _original: Any = original) -> Any:
            if not record.depth and calls.answer is not None:
                note(record, calls.answer(), first, second)
            return _original(first, second)

        setattr(tf.Tensor, name, combined)


def _look(record: Record, answer: Any, first: Any, second: Any) -> None:
    if answer is None or not hasattr(first, "shape") or not hasattr(second, "shape") or not taped():
        return
    for one, other in ((first, second), (second, first)):
        shapes = [list(one.shape), list(other.shape)]
        column = len(shapes[0]) == 2 and shapes[0] == list(answer.shape) and shapes[0][1] == 1
        if column and shapes[1] == shapes[0][:1] != [1] and _is_right(one, other):
            record.note("outer-difference", shapes=shapes)
            return


def _is_right(column: Any, row: Any) -> bool:
    """Not the column itself, which a loss over pairs compares with its own elements."""
    if not tf.executing_eagerly():
        return is_data(row)
    values = row.numpy() if hasattr(row, "numpy") else np.asarray(row)
    return not np.array_equal(column.numpy().ravel(), values)
