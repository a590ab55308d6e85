"""Means over all pairs of a prediction and a target, where each was to be compared with its own.

Works on numpy arrays, for both frameworks. Runs inside the jail.
"""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from observe.record import Record, harmless, is_users

FEWEST, MOST = 8, 4096
ROWS = 3
"""Rows of the square that are looked at."""
MOST_LABELS = 64
EXACT = 1e-3


def watch_means(record: Record, answer: Callable[[], np.ndarray | None]) -> None:
    """Note where the program takes the mean or sum of a square that the latest `answer` and other values span."""
    look = harmless(record)(lambda given: _look(record, answer(), given))
    for name in ("mean", "average", "sum"):
        setattr(np, name, _watched(getattr(np, name), look))


def _watched(original: Any, look: Any) -> Any:
    @wraps(original)
    def reduced(a: Any, *args: Any, **kwargs: Any) -> Any:
        square = isinstance(a, np.ndarray) and a.ndim == 2 and FEWEST <= a.shape[0] == a.shape[1] <= MOST
        if square and is_users(sys._getframe(1).f_code.co_filename):
            look(a)
        return original(a, *args, **kwargs)

    return reduced


def _look(record: Record, answer: np.ndarray | None, given: np.ndarray) -> None:
    if answer is None or answer.ndim == 0 or len(answer) != len(given) or answer.size // len(answer) > MOST_LABELS:
        return
    if _is_of_one_set(given):
        return
    columns = answer.reshape(len(answer), -1)
    if any(_is_outer(given, column) or _is_outer(given.T, column) for column in columns.T[:8]):
        record.note("outer-difference", shapes=[[len(answer), 1], [len(answer)]])


def _is_of_one_set(square: np.ndarray) -> bool:
    """Whether values are held against themselves, as distances within a set are: alike across the diagonal."""
    some = slice(None, None, max(1, len(square) // ROWS))
    return bool((np.abs(square[some]) == np.abs(square[:, some].T)).all())


def _is_outer(square: np.ndarray, column: np.ndarray) -> bool:
    """Whether each row is a difference from the column's values, its size or its square; or labels that are equal."""
    if square.dtype.kind == "b":
        return len(square) > MOST_LABELS and 1 < len(np.unique(square, axis=0)) <= len(square) // 4
    values = column.astype(np.float64)
    if square.dtype.kind != "f" or values.std() == 0 or len(np.unique(values)) < FEWEST:
        return False
    values = (values - values.mean()) / values.std()
    powers = np.stack([np.ones_like(values), values, values**2], axis=1)
    rows = square[:: max(1, len(square) // ROWS)][:ROWS].astype(np.float64).T
    return any(_fits(powers, rows**power) for power in (1, 2)) and float(np.ptp(square, axis=0).max()) > 0


def _fits(powers: np.ndarray, rows: np.ndarray) -> bool:
    """Whether each row is a parabola or a line in the column, of the same curve or slope as the others."""
    weights = np.linalg.lstsq(powers, rows, rcond=None)[0]
    spread = np.maximum(1e-12, np.ptp(rows, axis=0))
    if (np.abs(rows - powers @ weights).max(0) > EXACT * spread).any():
        return False
    leading = weights[2] if (np.abs(weights[2]) > 0.01 * spread).all() else weights[1]
    return bool(np.ptp(leading) <= 0.01 * np.abs(leading).max())
