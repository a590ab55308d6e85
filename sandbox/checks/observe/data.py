"""Which samples a program trained on and which it evaluated, in which order, and with which labels.

Works on numpy arrays, for both frameworks. Runs inside the jail. It keeps what is needed to judge the data at the end:
the values of the first samples, and a number for each further one that is the same only for equal samples.
"""

from typing import Any, Literal

import numpy as np

FUNCTIONS = "functions"
"""Key of what the first weights of a program without modules were given."""
COLUMNS = 1024
"""Values of a sample that are looked at; of larger ones, evenly spaced."""
KEPT_VALUES = 4_000_000
MOST_ROWS = 50_000
MOST_SETS = 24
WEIGHTS = np.cos(np.arange(1, COLUMNS + 1) ** 2.0)
"""Fixed and irregular, so that samples which differ anywhere have different marks."""

Role = Literal["trained", "evaluated"]
ASKED = "asked"
"""Begins the key of samples that a model was asked about, and that may be meant to be unlike those trained on."""


def values(inputs: Any) -> np.ndarray | None:
    """Samples as rows of at most COLUMNS numbers; None for what is no array of numbers."""
    array = np.asarray(inputs)
    if array.ndim == 0 or not len(array) or not array.size or array.dtype.kind not in "fiub":
        return None
    rows = array.reshape(len(array), -1)
    return rows[:, :: -(-rows.shape[1] // COLUMNS)].astype(np.float32)


def marks(rows: np.ndarray) -> np.ndarray:
    """One number for each sample, summed in the same way wherever the sample stands."""
    return np.nan_to_num(np.multiply(rows, WEIGHTS[: rows.shape[1]], dtype=np.float64)).sum(1)


class Epoch:
    """One pass over a set: marks and labels of its batches, in order."""

    def __init__(self) -> None:
        self.marks: list[np.ndarray] = []
        self.labels: list[np.ndarray] = []
        self.rows = 0

    def add(self, marked: np.ndarray, labels: np.ndarray | None) -> None:
        self.marks.append(marked)
        self.rows += len(marked)
        if labels is not None:
            self.labels.append(labels)


class Samples:
    """One set of samples that was trained on or evaluated."""

    def __init__(self, key: Any, where: tuple[str, int] | None) -> None:
        self.key, self.where = key, where
        self.role: Role = "evaluated"
        self.shape: tuple[int, ...] = ()
        self.kind = ""
        self.label_shape: tuple[int, ...] | None = None
        self.label_kind = ""
        self.epochs = [Epoch()]
        self.passes = 1
        self.empty = 0
        self.rows: list[np.ndarray] = []
        self.kept_labels: list[np.ndarray] = []
        self.kept = 0
        self.whole = True
        """Whether the values of all samples of the first pass were kept."""

    def wants(self) -> bool:
        whole = self.epochs[-1].rows < MOST_ROWS
        self.whole &= whole
        return whole

    def add(self, inputs: Any, labels: Any) -> None:
        """One more batch of the latest pass."""
        rows = values(inputs)
        if rows is None:
            self.whole = False
            return
        given = labels_of(labels, len(rows))
        self.epochs[-1].add(marks(rows), given)
        if not self.shape and not self.kind:
            self.shape, self.kind = np.shape(inputs)[1:], np.asarray(inputs).dtype.kind
            self.label_shape = None if labels is None else np.shape(labels)[1:]
            self.label_kind = "" if labels is None else np.asarray(labels).dtype.kind
        if self.kept + rows.size > KEPT_VALUES or (self.rows and self.rows[0].shape[1] != rows.shape[1]):
            self.whole = False
            return
        self.kept += rows.size
        self.rows.append(rows)
        if given is not None:
            self.kept_labels.append(given)

    def table(self) -> tuple[np.ndarray, np.ndarray | None]:
        """Kept samples and, where each has one, their labels."""
        rows = np.concatenate(self.rows)
        labels = np.concatenate(self.kept_labels) if self.kept_labels else None
        return rows, labels if labels is not None and len(labels) == len(rows) else None


class Ledger:
    """All sets of one run."""

    def __init__(self) -> None:
        self.sets: dict[tuple[Role, Any], Samples] = {}

    def of(self, role: Role, key: Any, where: tuple[str, int] | None) -> Samples | None:
        """The set of this name, for batches that are known to belong to it."""
        known = self.sets.get((role, key))
        if known is None and len(self.sets) < MOST_SETS:
            known = self.sets[role, key] = Samples(key, where)
            known.role = role
        return known

    def wants(self, key: Any) -> bool:
        """Whether another pass over this loader is worth looking at: two can be compared."""
        known = [one.passes for (_, name), one in self.sets.items() if name == key]
        return max(known, default=0) < 2

    def count(self, key: Any) -> None:
        """A pass that was not looked at."""
        for (_, name), one in self.sets.items():
            one.passes += name == key

    def settle(self, done: Samples, role: Role, *, empty: bool) -> None:
        """A pass has ended, and it is known what it was for."""
        known = self.sets.get((role, done.key))
        if known is None:
            known = self.of(role, done.key, done.where)
            if known is None:
                return
            done.role = role
            self.sets[role, done.key] = known = done
        else:
            known.passes += 1
            if done.epochs[0].marks and len(known.epochs) < 3:
                known.epochs += done.epochs
        known.empty += empty

    def trained(self) -> Samples | None:
        """The set that most samples were trained on."""
        sets = [one for one in self.sets.values() if one.role == "trained" and one.rows]
        return max(sets, key=lambda one: one.passes * one.epochs[0].rows, default=None)

    def held_out(self, train: Samples) -> list[Samples]:
        """Evaluated sets of the same kind of samples that were, for the most part, not trained on.

        What the first weights of a program without modules were given is another thing than what a loader gave out.
        """
        known = np.concatenate([mark for epoch in train.epochs for mark in epoch.marks])
        found = []
        for one in self.sets.values():
            alike = one.shape == train.shape and (one.key == FUNCTIONS) == (train.key == FUNCTIONS)
            if one.role == "evaluated" and one.rows and alike:
                own = np.concatenate(one.epochs[0].marks)
                if np.isin(own, known).mean() < 0.5:
                    found.append(one)
        return found


def labels_of(labels: Any, rows: int) -> np.ndarray | None:
    """One label for each sample; those of one-hot rows by their place; None where a sample has many."""
    if labels is None:
        return None
    array = np.asarray(labels)
    if array.ndim == 0 or len(array) != rows or array.dtype.kind not in "fiub":
        return None
    array = array.reshape(rows, -1)
    if array.shape[1] == 1:
        return array[:, 0].astype(np.float64)
    if array.shape[1] <= COLUMNS and ((array == 0) | (array == 1)).all() and (array.sum(1) == 1).all():
        return array.argmax(1).astype(np.float64)
    return None
