"""Findings about the accuracy and the loss that a program makes of its passes: the right sum over the wrong number."""

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.finding import Maker
from sandbox.report import Finding

FEWEST = 2
"""Passes in which the same mistake must be seen."""
LARGE = 0.01

MISTAKES = {
    "batches": ("the sum over samples is divided by the number of batches", "Divide by the number of samples."),
    "samples": ("the sum of the batches' means is divided by the number of samples", "Divide by the batches."),
    "whole-batches": ("the last batch counts as if it were full", "Divide by the number of samples seen."),
    "padding": ("padding counts as if it had been answered wrongly", "Divide by the positions that are no padding."),
    "sequences": ("the sum over positions is divided by the number of samples", "Divide by the number of positions."),
    "mean-of-means": ("it is a mean of the batches' means, though they differ in size", "Divide sums over samples."),
}
CARRIED = ("carried", "carried-both")


class Seen(BaseModel):
    """One pass: whether its right figure was told, and which mistaken ones."""

    kind: Literal["accuracy", "loss"]
    key: int = 0
    where: Place = None
    right: bool
    apart: list[str] = []
    """Mistakes whose figure differs from the right one."""
    told: list[str] = []
    figures: dict[str, float] = {}


class Told(BaseModel):
    seen: list[Seen] = []


def sums(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """A figure that is wrong in the same way after each pass, and right after none."""
    section = facts.section("told", Told) or Told()
    for kind in ("accuracy", "loss"):
        for key in dict.fromkeys(one.key for one in section.seen):
            passes = [one for one in section.seen if one.kind == kind and one.key == key]
            found = next(_mistakes(passes, make), None)
            if found is not None:
                yield found
                break


def _mistakes(passes: list[Seen], make: Maker) -> Iterator[Finding]:
    for name in (*CARRIED, *MISTAKES):
        apart = [one for one in passes if name in one.apart]
        if len(apart) < FEWEST or any(one.right or name not in one.told for one in apart):
            continue
        if len({round(one.figures.get(name, 0.0), 6) for one in apart}) < FEWEST:
            continue  # a constant may be told for another reason
        last, kind = apart[-1], apart[-1].kind
        figure, right = last.figures.get(name, 0.0), last.figures.get("", 0.0)
        told = f"The {kind} after a pass is {figure:.4g}, and {right:.4g} is right: "
        figures = {"told": figure, "right": right, "passes": len(apart)}
        if name in CARRIED:
            fix = "Set the sums to zero when a pass begins."
            told += "what earlier passes added is still in it."
            yield make("metric-never-reset", "warning", told, fix, at=last.where, **figures)
            continue
        what, fix = MISTAKES[name]
        small = name == "mean-of-means" and abs(figure - right) < LARGE
        yield make(
            "metric-has-other-denominator",
            "info" if small else "warning",
            f"{told}{what}.",
            fix,
            at=last.where,
            **figures,
        )
