"""Findings about a series that was cut into windows: which of its parts its scale was taken from."""

from collections.abc import Iterator

from pydantic import BaseModel

from sandbox.evidence import Place
from sandbox.findings.finding import Maker
from sandbox.report import Finding

FEWEST = 2
"""Columns that must all have such a scale: a single one may have it by chance where a series repeats itself."""


class PartOfSeries(BaseModel):
    where: Place = None
    steps: int = 0
    standard: int = 0
    """Columns that have a mean of 0 and a deviation of 1 over this part alone."""


class Series(BaseModel):
    """Columns that have a mean of 0 and a deviation of 1: over all steps of the series, and over each part."""

    columns: int = 0
    steps: int = 0
    together: int = 0
    alone: int = 0
    apart: list[PartOfSeries] = []


def scaled_series(seen: Series | None, make: Maker, at: Place, fix: str) -> Iterator[Finding]:
    """Statistics of the whole series, or of each part by itself, where those of the training part are meant."""
    if seen is None or not seen.columns:
        return
    own = [one for one in seen.apart if one.standard == seen.columns]
    if seen.together == seen.columns > seen.alone:
        message = "The series has a mean of 0 and a deviation of 1 with its held-out part, and not over the "
        message += f"{seen.steps:,} steps that were trained on."
        yield make("fitted-before-split", "warning", message, fix, at=at, steps=seen.steps, columns=seen.columns)
    elif len(own) == len(seen.apart) and seen.columns * len(own) >= FEWEST:
        message = f"The {own[0].steps:,} held-out steps have a mean of 0 and a deviation of 1 by themselves: they were "
        message += "scaled on their own."
        yield make("scaled-by-itself", "warning", message, fix, at=own[0].where, steps=own[0].steps)
