"""Findings about losses of a Keras program's own that take logits for probabilities."""

from collections.abc import Iterator

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.finding import Maker
from sandbox.report import Finding

LINEAR = ("Linear", "Convolution")
BEYOND = 0.05


class Clip(BaseModel):
    """A line that clips the model's answer between a small number and one; `whole`: up to one itself."""

    where: Place = None
    made_by: str | None = None
    low: float | None = None
    high: float | None = None
    whole: bool = False


class Clipped(BaseModel):
    seen: list[Clip] = []


def clipped(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """What is clipped for a logarithm's sake should be a probability; of logits the clipping leaves no gradient."""
    found = facts.section("clipped", Clipped)
    for one in found.seen if found is not None else []:
        reached = one.low is not None and one.high is not None and (one.low < -BEYOND or one.high > 1 + BEYOND)
        if one.made_by not in LINEAR and not reached:
            continue
        message = "The loss clips the model's answer to what a probability can be, and the model answers logits."
        fix = "Take the sigmoid or softmax of the answer first, or use a loss with from_logits=True."
        number = "B6" if one.whole else "B5"
        yield make("logits-without-from-logits", "warning", message, fix, at=one.where, no=number, made_by=one.made_by)
        return
