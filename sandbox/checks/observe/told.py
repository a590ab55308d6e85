"""Which figures a program made of a pass over its data, against those that the pass gives.

Runs inside the jail, standard library only, for both frameworks. Nothing that a program says counts in its favour: what
is looked for is a figure that is the right sum over the wrong number.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from observe.record import is_users

Number = tuple[float, float]
"""A figure, and half a unit of its last digit."""
WRITTEN = re.compile(r"(?<![\w.])-?\d+(?:\.(\d+))?(?:[eE]([-+]?\d+))?")
MOST_NUMBERS = 400
MOST_TEXT = 4000
EXACT = 1e-6
FEW_DIGITS, NEAR_DIGITS = 100, 900
"""How many times half a unit of its last digit a figure must be, to be known by its digits."""
RIGHT = ("", "mean", "answers")
"""Figures that are no mistake: per sample, per batch, and per answer where a sample has several."""
APART = 1e-3
"""Least relative difference of two figures that tells them from each other."""


class Tally:
    """What happened in one pass: samples, right answers and mean loss of each batch."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.right: list[int] | None = []
        self.losses: list[float] | None = []
        self.counted: list[int] = []
        """Answers in each batch that are right or wrong, where a sample has several; padding is neither."""
        self.positions: list[int] = []
        """All answers in each batch."""
        self.carries = True
        """Whether it is certain that sums begin anew with this pass."""

    def _answers(self) -> list[int]:
        return self.counted if len(self.counted) == len(self.rows) else self.rows

    def accuracy(self, earlier: Sequence["Tally"]) -> dict[str, float]:
        """The figure under "", and what it becomes with each mistake; empty where it is not known."""
        if not self.right or len(self.right) != len(self.rows):
            return {}
        counted, batches = self._answers(), len(self.rows)
        right, answers = sum(self.right), max(1, sum(counted))
        shares = [one / max(1, of) for one, of in zip(self.right, counted, strict=True)]
        figures = {"": right / answers, "batches": right / batches, "mean-of-means": sum(shares) / batches}
        if counted is self.rows:
            figures["whole-batches"] = right / (batches * self.rows[0])
        else:
            figures |= {"padding": right / max(1, sum(self.positions)), "sequences": right / sum(self.rows)}
        before = [one for one in earlier if one.right and len(one.right) == len(one.rows)]
        if before and self.carries:
            carried = right + sum(sum(one.right or []) for one in before)
            both = answers + sum(sum(one._answers()) for one in before)
            figures |= {"carried": carried / answers, "carried-both": carried / both}
        return figures

    def loss(self, earlier: Sequence["Tally"]) -> dict[str, float]:
        if not self.losses or len(self.losses) != len(self.rows):
            return {}
        rows, batches, plain = sum(self.rows), len(self.rows), sum(self.losses)
        weighted = sum(one * of for one, of in zip(self.losses, self.rows, strict=True))
        figures = {"": weighted / rows, "mean": plain / batches, "samples": plain / rows, "batches": weighted / batches}
        counted = self._answers()
        if counted is not self.rows and sum(counted):
            figures["answers"] = sum(a * b for a, b in zip(self.losses, counted, strict=True)) / sum(counted)
        before = [one for one in earlier if one.losses and len(one.losses) == len(one.rows)]
        if before and self.carries:
            carried = plain + sum(sum(one.losses or []) for one in before)
            heavy = weighted + sum(sum(x * n for x, n in zip(b.losses or [], b.rows, strict=True)) for b in before)
            figures |= {"carried": carried / batches, "carried-both": heavy / rows}
        return figures


def compare(figures: dict[str, float], told: Sequence[Number], *, percent: bool) -> dict[str, Any] | None:
    """Whether the right figure was told, and which of the mistaken ones that can be told from it; None if unknown."""
    if not figures:
        return None
    right = [figures[name] for name in RIGHT if name in figures]
    apart = {
        name: value
        for name, value in figures.items()
        if name not in RIGHT and value not in (0.0, 1.0)
        if all(abs(value - one) > APART * max(abs(one), 1e-9) for one in right)
    }
    scales = (1.0, 100.0) if percent else (1.0,)
    found = [name for name, value in apart.items() if _is_told(value, right, told, scales)]
    return {
        "right": any(_is_told(one, [], told, scales) for one in [*right, *([1 - right[0]] if percent else [])]),
        "apart": list(apart),
        "told": found,
        "figures": {name: figures[name] for name in ("", *found)},
    }


def _is_told(value: float, others: Sequence[float], told: Sequence[Number], scales: Sequence[float]) -> bool:
    """Whether a figure is among those told, in digits that no other figure shares, and more of them if one is near."""
    near_another = any(abs(value - one) < 0.5 * abs(one) for one in others)
    digits = NEAR_DIGITS if near_another else FEW_DIGITS
    for number, half in told:
        for scale in scales:
            near = 1.05 * half + EXACT * abs(number)
            fine = half * digits <= abs(number)
            if fine and abs(number - scale * value) <= near and all(abs(number - scale * one) > near for one in others):
                return True
    return False


def written(text: str) -> Iterator[Number]:
    """The numbers in a text."""
    for found in WRITTEN.finditer(text[:MOST_TEXT]):
        places = len(found[1] or "") - int(found[2] or 0)
        yield float(found[0]), 0.5 * 10.0**-places


def at_hand(frame: Any) -> Iterator[Number]:
    """The numbers that the program's open functions have in their variables, from the innermost one outwards."""
    count = 0
    while frame is not None and count < MOST_NUMBERS:
        if is_users(frame.f_code.co_filename):
            for number in held_in(frame.f_locals):
                count += 1
                yield number
        frame = frame.f_back


def held_in(names: dict[str, Any]) -> Iterator[Number]:
    """Numbers under names, the last ones of lists under names, and both inside of dictionaries under names."""
    values = list(names.values())[:MOST_NUMBERS]
    for value in values:
        inner = list(value.values())[:20] if type(value) is dict else [value]
        for one in inner:
            last = one[-1] if type(one) in (list, tuple) and one else one
            last = tuple(last.values()) if type(last) is dict else last
            for number in last if type(last) is tuple and len(last) < 8 else (last,):
                if type(number) is float and number == number:
                    yield number, 0.0
