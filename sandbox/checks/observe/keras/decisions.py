"""Which decisions a Keras program takes from its model's outputs: along which axis, at which threshold, in a gradient.

Runs inside the jail.
"""

import sys
from collections.abc import Collection
from functools import wraps
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from observe.keras.calls import Model, first_tensor
from observe.keras.listen import is_own, listen
from observe.keras.losses_graph import is_answer, taped
from observe.outer_means import watch_means
from observe.passes import timed
from observe.record import Record, harmless, is_users, user_frame
from observe.thresholds import cuts


class Decisions:
    """Looks at choices made of what a model answered last, whether in eager code, in a trace, or by predict."""

    name = "decisions"

    def __init__(self, watch: Any) -> None:
        self.record: Record = watch.record
        self.calls = watch.calls
        self.shapes: list[tuple[Any, ...]] = []
        self.chosen: dict[Any, dict[str, Any]] = {}
        self.cut: dict[Any, dict[str, Any]] = {}
        self.taught: dict[Any, dict[str, Any]] = {}
        self.predicted: dict[Any, dict[str, Any]] = {}
        self.without_gradient = 0
        self.latest: np.ndarray | None = None
        """What the model answered last, outside of training."""
        watch_means(self.record, lambda: self.latest)
        self.record.on("called", self._called)
        self.record.on("differentiated", self._differentiated)
        listen(self.record, keras.Model, "predict", after=self._predicted)
        look = harmless(self.record)(self._choose)
        for owner in (np, tf, tf.math, keras.ops):
            owner.argmax = _watched(self.record, owner.argmax, look)
        compare, teach = harmless(self.record)(self._compare), harmless(self.record)(self._teach)
        for owner, names in ((tf.Tensor, ("__gt__", "__ge__")), (tf, ("greater", "greater_equal", "round"))):
            for name in names:
                setattr(owner, name, _compared(self.record, getattr(owner, name), compare, teach))
        for owner in (keras.ops, tf.math):
            owner.round = _compared(self.record, owner.round, compare, teach)

    def _called(self, model: Any, args: Any, kwargs: Any, output: Any) -> None:
        answer = first_tensor(output)
        if answer is None or not answer.dtype.is_floating:
            return
        self._remember(tuple(answer.shape))
        if tf.executing_eagerly() and kwargs.get("training") is not True and not self.record.own_loop and not taped():
            self._answered(timed(self.record, answer.numpy), _names(model.module))

    def _predicted(self, result: Any, model: Any, *args: Any, **kwargs: Any) -> None:
        if not isinstance(result, np.ndarray) or result.dtype.kind != "f" or not result.size:
            return
        self._remember(result.shape)
        self._answered(result, ("predict",))

    def _answered(self, values: np.ndarray, names: Collection[str]) -> None:
        """Remember how far the answers on one line reach."""
        self.latest = values
        place = user_frame()
        if place is None or not values.size or (place not in self.predicted and len(self.predicted) >= 20):
            return
        new = {"where": place, "min": np.inf, "max": -np.inf, "cut": None, "names": names, "calls": 0}
        entry = self.predicted.setdefault(place, new)
        entry["calls"] += 1
        if entry["calls"] <= 20:
            entry["min"] = min(entry["min"], float(np.nanmin(values)))
            entry["max"] = max(entry["max"], float(np.nanmax(values)))

    def _remember(self, shape: tuple[Any, ...]) -> None:
        if shape not in self.shapes:
            self.shapes = [*self.shapes[-7:], shape]

    def _choose(self, values: Any, axis: Any) -> None:
        """Without an axis TensorFlow takes the first one, and the others flatten: both mix the samples."""
        shape = tuple(getattr(values, "shape", ()))
        if len(shape) < 2 or shape not in self.shapes or (axis is not None and not isinstance(axis, int)):
            return
        self._teach(values)
        key = (0 if axis is None else axis % len(shape), len(shape), user_frame())
        told = {"axis": key[0], "shape": [-1 if one is None else int(one) for one in shape], "where": key[2]}
        entry = self.chosen.setdefault(key, {**told, "rows": told["shape"][0], "calls": 0})
        entry["calls"] += 1

    def _compare(self, values: Any, bound: Any) -> None:
        """A threshold of one half that meets what the model answered, as it is."""
        if isinstance(bound, (int, float)) and 0 < bound < 1 and self._is_answer(values):
            place = user_frame()
            entry = self.cut.setdefault(place, {"where": place, "cut": float(bound), "min": np.inf, "max": -np.inf})
            if tf.executing_eagerly():
                entry["min"] = min(entry["min"], float(tf.reduce_min(values)))
                entry["max"] = max(entry["max"], float(tf.reduce_max(values)))

    def _teach(self, values: Any) -> None:
        """A decision while a gradient is recorded may be what the loss is made of."""
        place = user_frame()
        if place is not None and taped() and hasattr(values, "dtype") and len(self.taught) < 20:
            self.taught.setdefault(place, {"where": place})

    def _is_answer(self, values: Any) -> bool:
        answer = self.calls.answer() if self.calls.answer is not None else None
        return answer is not None and hasattr(values, "shape") and is_answer(values, answer)

    def _differentiated(self, target: Any, sources: Any, gradients: Any) -> None:
        flat = tf.nest.flatten(gradients)
        self.without_gradient += bool(flat) and all(one is None for one in flat)

    def facts(self, root: Model | None) -> dict[str, Any]:
        rows = root.batch_rows if root is not None and root.batch_rows > 1 else 2
        for entry in self.chosen.values():
            entry["shape"] = [rows if one < 0 else one for one in entry["shape"]]
            entry["rows"] = entry["shape"][0]
        for place, entry in self.predicted.items():
            entry["cut"], entry["where"] = cuts(*place, entry.pop("names")) or (None, place)
        compared = [one for one in [*self.cut.values(), *self.predicted.values()] if one["cut"] is not None]
        for one in compared:
            one["min"], one["max"] = (None if not np.isfinite(one[name]) else one[name] for name in ("min", "max"))
        return {
            "seen": list(self.chosen.values())[:20],
            "cut": compared[:20],
            "taught": list(self.taught.values()) if self.without_gradient else [],
        }


def _names(module: Any) -> list[str]:
    """What the function that called a model knows it by."""
    frame = sys._getframe(1)
    while frame is not None and not is_users(frame.f_code.co_filename):
        frame = frame.f_back
    if frame is None:
        return []
    known = {**frame.f_globals, **frame.f_locals}
    owner = known.get("self")
    return [name for name, one in {**known, **getattr(owner, "__dict__", {})}.items() if one is module]


def _watched(record: Record, original: Any, look: Any) -> Any:
    @wraps(original)
    def argmax(*args: Any, **kwargs: Any) -> Any:
        if not record.depth and is_own(sys._getframe(1)):
            given = args[0] if args else next((kwargs[name] for name in ("input", "a", "x") if name in kwargs), None)
            look(given, kwargs.get("axis", args[1] if len(args) > 1 else None))
        return original(*args, **kwargs)

    return argmax


def _compared(record: Record, original: Any, compare: Any, teach: Any) -> Any:
    """`teach` and `compare` are told of what is rounded or held against a number."""
    half = 0.5 if original.__name__ == "round" else None

    @wraps(original)
    def decide(*args: Any, **kwargs: Any) -> Any:
        if args and not record.depth and is_own(sys._getframe(1)):
            teach(args[0])
            compare(args[0], half if half is not None or len(args) < 2 else args[1])
        return original(*args, **kwargs)

    return decide
