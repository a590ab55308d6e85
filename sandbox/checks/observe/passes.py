"""Passes over data: which samples were trained on, and what the model said about those that were only evaluated.

Works on numpy arrays, for both frameworks. Runs inside the jail.
"""

import time
from collections import Counter
from typing import Any

import numpy as np

from observe.record import Record

MAX_VALUES = 100_000
MAX_SAMPLES = 200_000
MAX_HISTORY = 200
HASHED_COLUMNS = 1024
WORD = 1 << 64
WIDE = 16
COARSE = 0.00137
"""Step to which values of wide samples are rounded, relative to the largest; no fraction that data is made of."""
TINY = 1e-30
VALIDATION = "validation"
"""Key of the samples that a program hands over to be validated on."""


class Pass:
    """One pass over a loader, or a run of model calls without one."""

    def __init__(self, key: Any, *, steps: int, backwards: int, source: Any = None) -> None:
        self.key, self.steps, self.backwards = key, steps, backwards
        self.source = source
        """What the batches come from, where it can be asked again."""
        self.batch: list[Any] = []
        self.predicted: list[np.ndarray] = []
        self.target: list[np.ndarray] = []
        self.task: str | None = None
        self.calls = self.values = self.samples = 0
        self.in_train_mode = self.with_gradient = 0
        self.again = 0
        """Calls that asked the same as the one before."""
        self._asked: list[int] = []
        self.hashed = self.trained_on = self.unique = 0
        self.signature = 0
        self.integers = False
        self.where: tuple[str, int] | None = None
        self.batches = 0
        self.sizes: Counter[int] = Counter()

    def ask(self, first: np.ndarray) -> bool:
        """Whether the batch that begins with this sample is the one that was asked before."""
        before, self._asked = self._asked, row_hashes(first)
        return self._asked == before

    def scored(self) -> list[tuple[int, float]]:
        """(steps before it, share of right answers or negative mean square error), where targets were seen."""
        if self.task is None:
            return []
        predicted, target = np.concatenate(self.predicted), np.concatenate(self.target)
        if self.task == "values":
            return [(self.steps, -float(np.square(predicted - target).mean()))]
        cut = 0.0 if self.task == "scores" and predicted.min() < 0 else 0.5
        chosen = predicted if self.task == "classes" else predicted > cut
        return [(self.steps, float((chosen == target).mean()))]


class Passes:
    """Follows the passes of one run and keeps the latest evaluation of each set of samples."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.active: list[Pass] = []
        self.direct: Pass | None = None
        self.trained: set[int] = set()
        self.seen_again = 0
        self.evaluated: dict[Any, dict[str, Any]] = {}
        self.training_passes = 0

    def begin(self, key: Any, source: Any = None) -> Pass:
        self.close_direct()
        started = Pass(key, steps=self.record.steps, backwards=self.record.backwards, source=source)
        self.active.append(started)
        return started

    def advance(self, current: Pass, batch: list[Any]) -> None:
        """The loader hands out its next batch."""
        current.batch = batch
        current.batches += 1
        self.record.tell("batch", current, batch)
        current.sizes.update(_size(batch))
        if self.active and self.active[-1] is not current and current in self.active:
            self.active.remove(current)
            self.active.append(current)

    def end(self, finished: Pass, *, complete: bool) -> None:
        if finished not in self.active:
            return
        self.active.remove(finished)
        self.record.tell("passed", finished, complete)
        self._keep(finished, complete=complete)

    def close_direct(self) -> None:
        direct, self.direct = self.direct, None
        if direct is not None:
            self._keep(direct, complete=True)

    def close(self) -> None:
        self.close_direct()
        for left in list(self.active):
            self.end(left, complete=False)

    def current(self) -> Pass:
        if self.active:
            return self.active[-1]
        if self.direct is not None and self.direct.steps != self.record.steps:
            self.close_direct()
        if self.direct is None:
            self.direct = Pass("direct", steps=self.record.steps, backwards=self.record.backwards)
        return self.direct

    def wants_training_hashes(self) -> bool:
        return self.seen_again < 3 and len(self.trained) < MAX_SAMPLES and self.record.affords()

    def trained_on(self, hashes: list[int]) -> None:
        if hashes and all(one in self.trained for one in hashes):
            self.seen_again += 1
        self.trained.update(hashes)

    def call(self, current: Pass, inputs: np.ndarray | None, output: np.ndarray, targets: list[np.ndarray]) -> None:
        """One model call of a pass that has not led to a step so far."""
        if inputs is not None and current.hashed < MAX_SAMPLES:
            hashes = row_hashes(inputs)
            current.hashed += len(hashes)
            current.integers = bool((inputs[:64] == np.round(inputs[:64])).all())
            current.unique += len(set(hashes))
            current.trained_on += sum(one in self.trained for one in hashes)
            current.signature = (current.signature + sum(hashes)) % WORD
        current.samples += len(output) if output.ndim else 1
        if current.values >= MAX_VALUES:
            return
        paired = pair(output, targets)
        if paired is not None and current.task in (None, paired[0]):
            current.task = paired[0]
            current.predicted.append(paired[1])
            current.target.append(paired[2])
            current.values += paired[1].size

    def _keep(self, done: Pass, *, complete: bool) -> None:
        if done.steps != self.record.steps or done.backwards != self.record.backwards:
            self.training_passes += 1
            if done.key != "direct":
                self.record.choices.passed(done.sizes, complete=complete)
        elif done.calls and (complete or done.task is not None):
            self.keep(done, complete=complete)

    def keep(self, done: Pass, *, complete: bool) -> None:
        """Remember an evaluation, in the place of an earlier one of the same samples."""
        key = ("samples", done.signature) if done.hashed and done.hashed == done.samples else ("loader", done.key)
        before = self.evaluated.pop(key, None)
        self.evaluated[key] = {
            "done": done,
            "complete": complete,
            "passes": (before["passes"] if before else 0) + 1,
            "first_after_step": before["first_after_step"] if before else done.steps,
            "validates": done.key == VALIDATION or bool(before and before["validates"]),
            "history": [*(before["history"] if before else []), *done.scored()][-MAX_HISTORY:],
            "in_train_mode": (before["in_train_mode"] if before else 0) + bool(done.in_train_mode),
            "with_gradient": (before["with_gradient"] if before else 0) + bool(done.with_gradient),
        }

    def frames(self) -> list[dict[str, Any]]:
        """The latest evaluation of each set of samples, in the order in which they were made."""
        self.close()
        return [_frame(entry, order) for order, entry in enumerate(list(self.evaluated.values())[-20:])]


def _frame(entry: dict[str, Any], order: int) -> dict[str, Any]:
    done: Pass = entry.pop("done")
    frame = {
        "kind": "pass",
        "order": order,
        **entry,
        "after_step": done.steps,
        "samples": done.samples,
        "hashed": done.hashed,
        "unique": done.unique,
        "trained_on": done.trained_on,
        "again": done.again,
        "integers": done.integers,
        "through_loader": done.key != "direct",
        "where": done.where,
        "task": done.task,
    }
    if done.task is not None:
        frame["predicted"] = np.concatenate(done.predicted)[:MAX_VALUES].tolist()
        frame["target"] = np.concatenate(done.target)[:MAX_VALUES].tolist()
    return frame


def _size(batch: list[Any]) -> list[int]:
    """Samples of a batch, by the last thing in it that has an axis: the labels, as a rule."""
    return [int(one.shape[0]) for one in batch if len(getattr(one, "shape", ()))][-1:]


def row_hashes(inputs: np.ndarray) -> list[int]:
    """A 64-bit hash of each sample along the first axis, from at most 1024 of its values.

    Wide samples of floats are compared coarsely, so that one is not another for having been moved by next to nothing.
    """
    rows = np.ascontiguousarray(inputs.reshape(len(inputs), -1)[:, _stride(inputs)])
    if rows.dtype.kind == "f" and rows.shape[1] >= WIDE and np.isfinite(rows).all():
        rows = np.rint(rows / (COARSE * np.exp2(np.ceil(np.log2(np.abs(rows).max(1, keepdims=True) + TINY))))) + 0.0
    return [hash(row.tobytes()) % WORD for row in rows]


def _stride(inputs: np.ndarray) -> slice:
    width = inputs.size // max(1, len(inputs))
    return slice(None, None, max(1, -(-width // HASHED_COLUMNS)))


def pair(output: np.ndarray, targets: list[np.ndarray]) -> tuple[str, np.ndarray, np.ndarray] | None:
    """Find the target that belongs to an output: ("classes" | "scores" | "values", predicted, target), flat."""
    if output.ndim == 0 or output.size == 0 or output.dtype.kind != "f":
        return None
    for target in reversed(targets):
        if target.ndim == 0 or len(target) != len(output):
            continue
        found = _pair_integers(output, target) if target.dtype.kind in "iub" else _pair_floats(output, target)
        if found is not None:
            return found
    return None


def _pair_integers(output: np.ndarray, target: np.ndarray) -> tuple[str, np.ndarray, np.ndarray] | None:
    if target.ndim == 2 and target.shape[1] == 1 and output.ndim == 2 and output.shape[1] > 1:
        target = target[:, 0]
    if output.ndim >= 2 and output.shape[1] > 1 and target.shape == output.shape[:1] + output.shape[2:]:
        return _classes(_highest(output, 1), target)
    if output.ndim >= 2 and output.shape[-1] > 1 and target.shape == output.shape[:-1]:
        return _classes(_highest(output, -1), target)
    if target.size == output.size:
        kind = "scores" if target.max() <= 1 and target.min() >= 0 else "values"
        return kind, _rounded(output), target.ravel().astype(np.int64)
    return None


def _highest(output: np.ndarray, axis: int) -> np.ndarray:
    """The class with the highest score; NaN where a score is NaN, of which argmax would make a class."""
    chosen, bad = output.argmax(axis), np.isnan(output).any(axis)
    return np.where(bad, np.nan, chosen) if bad.any() else chosen


def _classes(predicted: np.ndarray, target: np.ndarray) -> tuple[str, np.ndarray, np.ndarray]:
    """A negative label is no class: losses leave it out (`ignore_index`), and so must a metric."""
    labels = target.ravel().astype(np.int64)
    kept = labels >= 0
    return "classes", predicted.ravel()[kept], labels[kept]


def _pair_floats(output: np.ndarray, target: np.ndarray) -> tuple[str, np.ndarray, np.ndarray] | None:
    if target.dtype.kind != "f" or target.size != output.size:
        return None
    if not np.isin(target, (0.0, 1.0)).all():
        return "values", _rounded(output), _rounded(target)
    if output.ndim >= 2 and output.shape[-1] > 1 and target.shape == output.shape and (target.sum(-1) == 1).all():
        return "classes", _highest(output, -1).ravel(), target.argmax(-1).ravel()
    return "scores", _rounded(output), target.ravel().astype(np.int64)


def _rounded(values: np.ndarray) -> np.ndarray:
    return values.ravel().astype(np.float64)


def timed(record: Record, work: Any, *args: Any) -> Any:
    """Do an optional measurement and count its time."""
    started = time.monotonic()
    try:
        return work(*args)
    finally:
        record.spend(time.monotonic() - started)
