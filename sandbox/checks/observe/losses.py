"""What a loss function was given, in figures: outputs and targets as numpy arrays, for both frameworks.

Runs inside the jail. Judges nothing: what the figures mean is told outside.
"""

import math
from typing import Any

import numpy as np

from observe.record import Record

MOST_SITES = 50
MOST_SAMPLES = 24
FIRST_CALLS = 4
GROWTH = 1.4
"""After the first calls each sample waits until there were so many times the calls of the one before."""
MOST_VALUES = 200_000
MOST_CLASSES = 128
BEYOND = 0.01
"""Share of the targets' range by which a target must be beyond all outputs to count as out of their reach."""

Place = tuple[str, int] | None


class Site:
    """Calls of one loss function from one line."""

    def __init__(self, function: str, kind: str, where: Place) -> None:
        self.kind, self.due_at = kind, 1
        self.entry: dict[str, Any] = {"function": function, "where": where, "calls": 0, "sampled": []}

    def called(self, times: int = 1) -> bool:
        """Count; whether the latest call is to be sampled."""
        self.entry["calls"] += times
        return self.entry["calls"] >= self.due_at and len(self.entry["sampled"]) < MOST_SAMPLES

    def add(self, figures: dict[str, Any]) -> None:
        calls = self.entry["calls"]
        self.due_at = calls + 1 if calls < FIRST_CALLS else math.ceil(GROWTH * calls)
        self.entry["sampled"].append({"kind": self.kind, "call": calls, **figures})


class Sites:
    """The sites of one run; their entries are what the record tells of its loss calls."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.known: dict[Any, Site] = {}

    def at(self, function: str, kind: str, where: Place, *, trained: bool) -> Site | None:
        """The site of this function and line, training apart from evaluation; None once there are too many."""
        key = (function, where, trained)
        site = self.known.get(key)
        if site is None and len(self.known) < MOST_SITES:
            site = self.known[key] = Site(function, kind, where)
            self.record.loss_calls[key] = site.entry
        return site


def describe(kind: str, output: np.ndarray, target: np.ndarray, *, axis: int) -> dict[str, Any]:
    """Everything that the two arrays tell; `axis` of the output holds the classes."""
    shapes = {"input_shape": list(output.shape), "target_shape": list(target.shape)}
    if not output.size or not target.size or target.dtype.kind not in "fiub" or output.dtype.kind not in "fiub":
        return shapes
    rows = max(1, min(len(output), MOST_VALUES // max(1, output[:1].size))) if output.ndim else 1
    same = output.ndim > 0 and target.ndim > 0 and len(target) == len(output)
    output, target = (output[:rows], target[:rows] if same else target) if output.ndim else (output, target)
    figures = shapes | _of_output(output.astype(np.float64), axis) | _of_target(target.astype(np.float64))
    figures |= _of_both(kind, output.astype(np.float64), target.astype(np.float64), axis)
    return {name: _plain(value) for name, value in figures.items()}


def _of_output(output: np.ndarray, axis: int) -> dict[str, Any]:
    figures = {
        "min": output.min(),
        "max": output.max(),
        "zeros": (output == 0).mean(),
        "integral": bool((output == np.round(output)).all()),
    }
    if output.ndim >= 2 and -output.ndim <= axis < output.ndim:
        figures["classes"] = output.shape[axis]
        figures["sum_error"] = np.abs(output.sum(axis) - 1).max()
        figures["logsumexp"] = np.abs(_logsumexp(output, axis)).max()
    if output.ndim >= 2 and len(output) > 1:
        figures["batch_sum_error"] = np.abs(output.sum(0) - 1).max()
        figures["batch_logsumexp"] = np.abs(_logsumexp(output, 0)).max()
    return figures


def _of_target(target: np.ndarray) -> dict[str, Any]:
    integral = bool((target == np.round(target)).all())
    figures = {
        "target_min": target.min(),
        "target_max": target.max(),
        "target_integral": integral,
        "below_zero": (target < 0).mean(),
        "above_one": (target > 1).mean(),
        "beyond_one": (np.abs(target) > 1).mean(),
    }
    if integral and target.max() < MOST_CLASSES:
        figures["counts"] = np.bincount(target[target >= 0].astype(np.int64).ravel()).tolist()
    if target.ndim >= 2 and target.shape[-1] > 1:
        figures["target_sum_error"] = np.abs(target.sum(-1) - 1).max()
        figures["one_hot"] = integral and figures["target_sum_error"] == 0 and target.min() == 0
        if figures["one_hot"] and target.shape[-1] <= MOST_CLASSES:
            figures["counts"] = target.reshape(-1, target.shape[-1]).sum(0).astype(np.int64).tolist()
    return figures


def _of_both(kind: str, output: np.ndarray, target: np.ndarray, axis: int) -> dict[str, Any]:
    """How far the answers are from what is right, whatever the loss makes of it."""
    if kind == "classes" and output.ndim >= 2 and target.size * output.shape[axis] == output.size:
        scores = np.moveaxis(output, axis, -1).reshape(-1, output.shape[axis])
        labels = target.astype(np.int64).ravel()
        kept = (labels >= 0) & (labels < scores.shape[1])
        right = (scores.argmax(1) == labels)[kept]
        return {"right": right.mean() if right.size else None}
    if kind in ("values", "custom") and output.ndim and target.ndim and len(output) == len(target):
        wide, right = output.reshape(len(output), -1), target.reshape(len(target), -1)
        if right.shape[1] in (1, wide.shape[1]):
            span = right.max() - right.min()
            low, high = wide.min() - BEYOND * span, wide.max() + BEYOND * span
            told = {"distance": np.abs(wide - right).mean(), "target_range": span}
            told |= {"at_min": (wide == wide.min()).mean(), "under_min": (right < low).mean()}
            told |= {"at_max": (wide == wide.max()).mean(), "over_max": (right > high).mean()}
            return told | ({"agreement": _correlation(wide, right)} if wide.shape == right.shape else {})
    return {}


def _correlation(first: np.ndarray, second: np.ndarray) -> float | None:
    """Of two arrays of one shape; None where one of them does not vary."""
    a, b = first - first.mean(), second - second.mean()
    scale = float(np.sqrt(np.square(a).sum() * np.square(b).sum()))
    return float((a * b).sum()) / scale if scale > 1e-12 else None


def _logsumexp(values: np.ndarray, axis: int) -> np.ndarray:
    highest = values.max(axis, keepdims=True)
    with np.errstate(all="ignore"):
        return np.log(np.exp(values - highest).sum(axis)) + highest.squeeze(axis)


def _plain(value: Any) -> Any:
    """A number that JSON knows."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
