"""A trained model as a function of numpy arrays, so that both frameworks share the probes that ask it.

Runs inside the jail.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from observe.probe import NotApplicable

ROWS = 6
SAME = 1e-6
"""Relative difference that rounding may make between two answers of one shape."""


class Answers:
    """Asks a model about a few of the captured samples; `base` is what it answers to them as they are."""

    def __init__(self, ask: Callable[[list[np.ndarray]], np.ndarray], inputs: Sequence[np.ndarray], lead: int) -> None:
        self._ask = ask
        self.lead = lead
        """Which of the inputs decides how many samples there are."""
        self.inputs, self.base = self._few(list(inputs))
        self.random = relative(self(self.inputs), self.base) > SAME

    def __call__(self, inputs: list[np.ndarray]) -> np.ndarray:
        return self._ask(inputs)

    def changed(self, index: int, value: np.ndarray) -> np.ndarray:
        """The answer with another array in the place of one input."""
        return self([value if place == index else one for place, one in enumerate(self.inputs)])

    def must_repeat(self) -> None:
        """Raises NotApplicable for a model that answers the same question differently."""
        if self.random:
            raise NotApplicable("The model does not answer the same batch twice in the same way.")

    def rows(self, keep: Any) -> list[np.ndarray]:
        """The inputs with some of the samples."""
        return take(self.inputs, len(self.inputs[self.lead]), keep)

    def _few(self, inputs: list[np.ndarray]) -> tuple[list[np.ndarray], np.ndarray]:
        rows = len(inputs[self.lead])
        small = take(inputs, rows, slice(ROWS))
        try:
            answer = self._ask(small)
            if rows <= ROWS or answer.shape[:1] == (ROWS,):
                return small, answer
        except Exception:
            if rows <= ROWS:
                raise
        return inputs, self._ask(inputs)


def take(inputs: Sequence[np.ndarray], rows: int, keep: Any) -> list[np.ndarray]:
    """Some of the samples of those inputs that have one entry for each sample."""
    return [one[keep] if one.ndim and len(one) == rows else one for one in inputs]


def relative(first: np.ndarray, second: np.ndarray) -> float:
    """Largest absolute difference, relative to the largest value; infinite where the shapes differ."""
    if first.shape != second.shape:
        return float("inf")
    return float(changes(first, second).max()) if first.size else 0.0


def changes(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Absolute difference of each value relative to the largest one; what is not finite in both is no change."""
    first, second = first.astype(np.float64), second.astype(np.float64)
    finite = np.abs(second[np.isfinite(second)])
    scale = max(1e-12, float(finite.max())) if finite.size else 1.0
    same = ~np.isfinite(first) & ~np.isfinite(second)
    difference = np.where(same, 0.0, np.abs(np.where(same, 0.0, first) - np.where(same, 0.0, second)))
    return np.nan_to_num(difference, nan=1e12, posinf=1e12) / scale
