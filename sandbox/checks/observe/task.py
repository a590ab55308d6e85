"""How the targets of a program relate to its inputs: the next element of the same sequence, the same one, or neither.

Runs inside the jail, on numpy arrays, for both frameworks.
"""

from collections import Counter
from typing import Any, Literal

import numpy as np

Relation = Literal["next", "same"]

SHARE = 0.95
FEWEST = 16
SAMPLED = 6


class Relations:
    """Counts what was found in a few of the batches that were trained on."""

    def __init__(self) -> None:
        self.found: Counter[tuple[int, int, Relation]] = Counter()
        self.looked = self.offered = 0

    def wanted(self) -> bool:
        """Whether this batch is one of those to look at: the first ones, then ever fewer."""
        self.offered += 1
        return self.looked < SAMPLED and (self.looked < 3 or self.offered % 50 == 0)

    def look(self, inputs: list[np.ndarray], target: np.ndarray) -> None:
        self.looked += 1
        for index, value in enumerate(inputs):
            relation = relate(value, target)
            if relation is not None:
                self.found[index, *relation] += 1

    def facts(self) -> dict[str, Any]:
        seen = [
            {"input": index, "axis": axis, "kind": kind, "batches": count}
            for (index, axis, kind), count in self.found.items()
        ]
        return {"looked": self.looked, "relations": seen}


def relate(value: np.ndarray, target: np.ndarray) -> tuple[int, Relation] | None:
    """(axis of time, relation) of one input and the targets; None where they are different things."""
    if value.ndim < 2 or min(value.shape) < 1 or (value.dtype.kind == "f") != (target.dtype.kind == "f"):
        return None
    for axis in (1, 0):
        length = value.shape[axis]
        if length < 4 or not _varies(value, axis):
            continue
        for shape, shift in ((value.shape, 0), (_shorter(value.shape, axis), 1)):
            if target.size != np.prod(shape):
                continue
            relation = _compare(value, target.reshape(shape), axis, shift)
            if relation is not None:
                return axis, relation
    return None


def _shorter(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return tuple(size - (place == axis) for place, size in enumerate(shape))


def _compare(value: np.ndarray, target: np.ndarray, axis: int, shift: int) -> Relation | None:
    """`shift` is 1 where the last position has no target."""
    value, target = np.moveaxis(value, axis, 0), np.moveaxis(target, axis, 0)
    later = target if shift else target[:-1]
    if _equal(value[1:], later):
        return "next"
    if not shift and _equal(value, target):
        return "same"
    return None


def _equal(first: np.ndarray, second: np.ndarray) -> bool:
    """Almost everywhere where there is a target; negative integers are left out by losses."""
    counted = np.ones(second.shape, dtype=bool) if second.dtype.kind == "f" else second >= 0
    if counted.sum() < FEWEST:
        return False
    same = np.isclose(first, second) if second.dtype.kind == "f" else first == second
    return bool(same[counted].mean() >= SHARE)


def _varies(value: np.ndarray, axis: int) -> bool:
    """Whether neighbours differ so often that one cannot be taken for the other."""
    return bool((np.diff(value.astype(np.float64), axis=axis) != 0).mean() > 0.3)
