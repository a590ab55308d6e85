"""Findings about the terms that a loss is added up from: without a gradient, or against each other."""

from collections.abc import Iterator

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.finding import Maker
from sandbox.report import Finding

FEWEST = 3
OPPOSITE = -0.3
"""Cosine of what two terms ask of untrained outputs; a penalty on their size asks for next to nothing then."""


class Without(BaseModel):
    """A number without a gradient that was added to what was differentiated."""

    where: Place = None
    count: int
    decided: int = 0
    """How often a decision had been taken on what has a gradient."""
    values: list[float] = []


class Against(BaseModel):
    """A loss and another term: the cosine between their gradients by the model's output, at the first steps."""

    where: Place = None
    cosines: list[float] = []


class Terms(BaseModel):
    """The section "terms"."""

    without: list[Without] = []
    against: list[Against] = []
    decided_loss: bool = False
    """Whether decisions were taken on the way to a loss that has no gradient."""


def added_terms(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Terms that teach nothing, and terms that are made larger where they should be made smaller."""
    found = facts.section("terms", Terms) or Terms()
    for one in found.without:
        values = set(one.values) - {0.0}
        if one.count >= FEWEST and len(values) >= FEWEST and one.count > 0.5 * facts.backwards:
            yield _without(one, make)
            break
    for pair in found.against:
        if len(pair.cosines) >= FEWEST and max(pair.cosines) < OPPOSITE:
            message = "Two terms of the loss pull the outputs in opposite directions from the start: the cosine of "
            message += f"their gradients is {max(pair.cosines):.2f} or less, so that one of them is made worse."
            fix = "Turn the sign round of a term that should rise, such as an overlap: add 1 - score to the loss."
            yield make("loss-maximised", "warning", message, fix, at=pair.where, cosines=pair.cosines)
            break


def _without(one: Without, make: Maker) -> Finding:
    message = f"A term of the loss has no gradient in {one.count} backward passes, although its value changes"
    figures = {"count": one.count, "values": one.values[:5]}
    if one.decided > 0.5 * one.count:
        message += ": it is computed on decisions, such as a threshold or argmax."
        fix = "Compute it from the probabilities themselves, and take decisions for metrics only."
        return make("loss-of-decisions", "warning", message, fix, at=one.where, **figures)
    fix = "Leave out detach(), .item() and torch.no_grad() on its way, or leave the term out."
    return make("parameters-cut-off", "warning", message + ".", fix, at=one.where, **figures)
