"""Findings about gradients of several batches that a Keras program puts together before a step."""

from collections import Counter
from collections.abc import Iterator

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.finding import Maker
from sandbox.report import Finding

CLOSE = 0.01


class Accumulation(BaseModel):
    """For each step: gradients before it, the share of their sum that it was given, and how far it points elsewhere.

    How far is the squared sine of the angle to their sum, then of that to the last one of them.
    """

    steps: list[tuple[float, float, float, float]] = []
    left: int = 0
    """Gradients after the last step."""
    whole: bool = False
    one_line: bool = False
    plain: bool = False
    """Whether what was differentiated is the very mean over a batch, which nothing has divided."""
    where: Place = None


def accumulation(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """A mean over a larger batch, or a sum by mistake; and batches of which nothing is used."""
    found = facts.section("keras-accumulation", Accumulation)
    if found is None or not found.one_line or not found.steps:
        return
    passes, count = Counter(round(one[0]) for one in found.steps).most_common(1)[0]
    usual = [one for one in found.steps if round(one[0]) == passes]
    if passes < 2 or count < 3 or count < 0.5 * len(found.steps):
        return
    if sum(one[3] < CLOSE < one[2] for one in usual) > 0.9 * count:
        message = f"Each step is given the gradient of the last of {passes} batches; those of the others are lost."
        fix = "Add the gradients of all batches up, and apply their mean."
        yield make("accumulation-remainder-lost", "warning", message, fix, at=found.where, passes=passes, steps=count)
        return
    if sum(one[2] < CLOSE for one in usual) < 0.9 * count:
        return
    sums = sum(abs(one[1] - 1.0) < CLOSE for one in usual)
    if found.plain and sums > 0.9 * count:
        message = f"Each step adds up the gradients of {passes} batches, and neither they nor the loss are divided."
        fix = f"Divide the loss by {passes} inside the tape, so that the sum is the mean over all batches."
        yield make("accumulation-not-averaged", "warning", message, fix, at=found.where, passes=passes, steps=count)
    lost = sum(round(one[0]) - passes for one in found.steps if one[0] > passes and one[2] > CLOSE) + found.left
    if lost and found.whole and evidence.complete and facts.bounded is None:
        message = f"{lost} gradients were never used by a step: batches are left over when {passes} are awaited."
        fix = "Step once more at the end of the epoch with what is left over."
        yield make("accumulation-remainder-lost", "warning", message, fix, at=found.where, lost=lost, passes=passes)
