"""Losses that are written as arithmetic: the difference of a model's answer and what is right, under a gradient.

Runs inside the jail.
"""

import sys
from functools import wraps
from typing import Any

import tensorflow as tf

from observe.keras.listen import is_own
from observe.keras.losses_figures import Call
from observe.keras.losses_graph import is_answer, is_data, taped
from observe.record import harmless

METHODS = ("__sub__", "__rsub__")
FUNCTIONS = ("subtract",)


def watch_differences(losses: Any) -> None:
    """Tell `losses` of each difference that the program itself takes between an answer and other data."""
    note = harmless(losses.record)(_look)
    for owner, names in ((tf.Tensor, METHODS), (tf, FUNCTIONS), (tf.math, (*FUNCTIONS, "squared_difference"))):
        for name in names:
            setattr(owner, name, _watched(getattr(owner, name), losses, note))


def _watched(original: Any, losses: Any, note: Any) -> Any:
    @wraps(original)
    def difference(*args: Any, **kwargs: Any) -> Any:
        if len(args) == 2 and not losses.depth and not losses.record.depth and losses.calls.answer is not None:
            note(losses, *args)
        return original(*args, **kwargs)

    return difference


def _look(losses: Any, first: Any, second: Any) -> None:
    answer = losses.calls.answer()
    if answer is None or not taped() or not hasattr(first, "shape") or not hasattr(second, "shape"):
        return
    if not is_own(sys._getframe(2), beside=("/autograph/", "/observe/")):
        return
    for output, target in ((first, second), (second, first)):
        if is_answer(output, answer) and _is_right(target, answer):
            call = Call("difference", target, output, {"reduction": "none"})
            losses.judge_difference(call)
            return


def _is_right(target: Any, answer: Any) -> bool:
    """Data of the answer's rows; in eager code nothing tells it from what the program computed."""
    rows = len(target.shape) and target.shape[0] == answer.shape[0]
    return bool(rows) and (tf.executing_eagerly() or is_data(target))
