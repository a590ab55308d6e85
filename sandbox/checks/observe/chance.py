"""How much a model's answers to one batch differ from call to call. Runs inside the jail, for both frameworks."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np

CALLS = 8


def differs(ask: Callable[[], Any], difference: Callable[[Any, Any], float]) -> dict[str, Any]:
    """The largest difference from the first answer, and whether the model draws from a generator outside of it.

    Two calls tell it, unless the model draws from Python's or numpy's generator: a choice of few may turn out the same.
    """
    first, before = ask(), _states()
    largest = difference(first, ask())  # building on the first call may draw
    for _ in range(CALLS - 2):
        if largest > 0 or _states() == before:
            break
        largest = difference(first, ask())
    return {"difference": largest, "draws": _states() != before}


def _states() -> tuple[Any, bytes]:
    state: Any = np.random.get_state()
    return random.getstate(), state[1].tobytes() + bytes(str(state[2:]), "ascii")
