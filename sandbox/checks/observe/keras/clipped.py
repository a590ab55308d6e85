"""Answers that a loss of the program's own clips to what a logarithm can take. Runs inside the jail."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from observe.keras.listen import listen
from observe.keras.losses_graph import is_answer, maker, taped
from observe.record import Record, user_frame

EPSILON = 1e-2
"""Largest lower bound; zero itself is a bound of pixels and the like."""
MOST_CALLS = 40


class Clipped:
    """For each line that clips a model's answer between a small number and one, what made it and how far it reached."""

    name = "clipped"

    def __init__(self, watch: Any) -> None:
        self.record: Record = watch.record
        self.calls = watch.calls
        self.seen: dict[Any, dict[str, Any]] = {}
        for owner, name in ((tf, "clip_by_value"), (keras.ops, "clip")):
            listen(self.record, owner, name, before=self._clip)

    def _clip(self, values: Any, *bounds: Any, **named: Any) -> None:
        answer = self.calls.answer() if self.calls.answer is not None else None
        if answer is None or not taped() or not tf.is_tensor(values) or not is_answer(values, answer):
            return
        low, high = (_number(one) for one in [*bounds, *named.values()][:2])
        if not (low is not None and high is not None and 0 < low <= EPSILON and 1 - EPSILON <= high <= 1):
            return
        entry = self.seen.setdefault(user_frame(), {"made_by": None, "low": None, "high": None, "calls": 0})
        entry["calls"] += 1
        entry["whole"] = high == 1
        if not tf.executing_eagerly():
            entry["made_by"] = maker(values)
        elif entry["calls"] <= MOST_CALLS:
            given = values.numpy()
            entry["low"] = min(float(given.min()), entry["low"] or 0.0)
            entry["high"] = max(float(given.max()), entry["high"] or 0.0)

    def facts(self, root: Any) -> dict[str, Any]:
        return {"seen": [{"where": where, **entry} for where, entry in self.seen.items()][:10]}


def _number(bound: Any) -> float | None:
    value = tf.get_static_value(bound) if tf.is_tensor(bound) else bound
    return float(value) if value is not None and np.ndim(value) == 0 else None
