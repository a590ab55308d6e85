"""A column of predictions against a row of targets, in losses that are written as plain arithmetic."""

from typing import Any

import tensorflow as tf

from observe.keras.calls import Calls
from observe.record import Record, harmless


def watch_shapes(record: Record, calls: Calls) -> None:
    """The model's answer (N, 1) and something of shape (N,) make an N x N matrix."""
    note = harmless(record)(_look)
    for name in ("__sub__", "__rsub__"):
        original = getattr(tf.Tensor, name)

        def difference(first: Any, second: Any, _original: Any = original) -> Any:
            if not record.depth and calls.answer is not None:
                note(record, calls.answer(), first, second)
            return _original(first, second)

        setattr(tf.Tensor, name, difference)


def _look(record: Record, answer: Any, first: Any, second: Any) -> None:
    if answer is None or not (first is answer or second is answer) or not hasattr(second, "shape"):
        return
    shapes = [list(answer.shape), list((second if first is answer else first).shape)]
    if len(shapes[0]) == 2 and shapes[0][1] == 1 and len(shapes[1]) == 1 and shapes[0][0] == shapes[1][0] != 1:
        record.note("outer-difference", shapes=shapes)
