"""Losses that are written as arithmetic: the difference of a model's answer and what is right, under a gradient.

Runs inside the jail.
"""

import sys
from functools import wraps
from typing import Any

import tensorflow as tf

from observe.keras.losses_figures import Call
from observe.keras.losses_graph import is_data, is_same, same_origin, taped
from observe.record import harmless, is_users

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
    if answer is None or not taped() or not _is_own() or not hasattr(first, "shape") or not hasattr(second, "shape"):
        return
    for output, target in ((first, second), (second, first)):
        if _is_answer(output, answer) and _is_right(target, answer):
            call = Call("difference", target, output, {"reduction": "none"})
            losses.judge_difference(call)
            return


def _is_answer(value: Any, answer: Any) -> bool:
    if value is answer:
        return True
    if tf.executing_eagerly():
        return value.dtype == answer.dtype and is_same(value, value.numpy(), answer)
    return same_origin(value, answer)


def _is_right(target: Any, answer: Any) -> bool:
    """Data of the answer's rows; in eager code nothing tells it from what the program computed."""
    rows = len(target.shape) and target.shape[0] == answer.shape[0]
    return bool(rows) and (tf.executing_eagerly() or is_data(target))


def _is_own() -> bool:
    """Whether the program itself subtracts, in its own text or in what AutoGraph made of it."""
    frame = sys._getframe(3)
    while frame is not None and any(part in frame.f_code.co_filename for part in ("/autograph/", "/observe/")):
        frame = frame.f_back
    name = frame.f_code.co_filename if frame is not None else ""
    return "__autograph_generated_file" in name or is_users(name)
