"""Findings about what a Keras program decides from its model's outputs, and what it has its metrics count."""

from collections.abc import Iterator

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.finding import Maker
from sandbox.findings.losses_figures import read_sites
from sandbox.report import Finding

FEWEST = 4
BEYOND = 0.02
"""How far beyond 0 or 1 a value must be before it is surely no probability."""


class Cut(BaseModel):
    """Outputs that were compared with a number, and how far they reached; None where that was not seen."""

    where: Place = None
    cut: float
    min: float | None = None
    max: float | None = None


class Taught(BaseModel):
    where: Place = None


class Decisions(BaseModel):
    cut: list[Cut] = []
    taught: list[Taught] = []
    """Decisions that were made while a gradient was recorded, in a program of which some gradient was lost."""


class Judged(BaseModel):
    """The latest batch of one metric: how far the outputs reached, and what it said of them (told)."""

    name: str
    kind: str
    where: Place = None
    threshold: float | None = None
    low: float | None = None
    high: float | None = None
    samples: int = 0
    of_values: bool = False
    told: float | None = None
    right: float | None = None
    task: str | None = None


class Metrics(BaseModel):
    seen: list[Judged] = []


def judged(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Logits that a metric takes for probabilities, and accuracies that are no share of right answers."""
    found = facts.section("judged", Metrics)
    for one in _once(found.seen if found else []):
        if one.of_values:
            message = f"{one.name} ({one.kind}) counts answers that equal their target, and the targets are values."
            fix = "Use a metric for values, such as mean_absolute_error; accuracy is for classes."
            yield make("accuracy-of-wrong-kind", "warning", message, fix, at=one.where, name=one.name)
        elif one.threshold is not None and _is_no_probability(one.low, one.high):
            message = f"{one.name} ({one.kind}) cuts at {one.threshold:g}, and is given logits, "
            message += f"from {one.low:.3g} to {one.high:.3g}."
            fix = "Pass the sigmoid of the logits, or give the threshold 0.0 (from_logits=True where there is one)."
            yield make("threshold-of-other-scale", "warning", message, fix, at=one.where, low=one.low, high=one.high)
        elif (
            one.told is not None
            and one.right is not None
            and one.samples >= FEWEST
            and abs(one.told - one.right) > 0.02
        ):
            message = f"{one.name} ({one.kind}) is {one.told:.3f} where {one.right:.3f} of the answers are right."
            fix = "Take the accuracy that fits the labels: sparse_categorical, categorical or binary."
            yield make("accuracy-of-wrong-kind", "warning", message, fix, at=one.where, told=one.told, right=one.right)


def _once(seen: list[Judged]) -> Iterator[Judged]:
    """A metric is seen in training and in evaluation."""
    yield from {(one.name, one.kind): one for one in seen}.values()


def _is_no_probability(low: float | None, high: float | None) -> bool:
    return low is not None and high is not None and (low < -BEYOND or high > 1 + BEYOND)


def thresholds(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Logits that the program itself compares with a number that is meant for probabilities."""
    found = facts.section("decisions", Decisions)
    logits = any(site.trained and site.last.from_logits for site in read_sites(facts))
    for one in found.cut if found and logits else []:
        if one.min is not None and not _is_no_probability(one.min, one.max):
            continue
        message = f"The model answers logits, and they are compared with {one.cut:g}, which is a probability."
        fix = "Compare with 0, or take the sigmoid first."
        yield make("threshold-of-other-scale", "warning", message, fix, at=one.where, low=one.min, high=one.max)
        return


def taught(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """A loss of what was rounded or chosen has no gradient."""
    found = facts.section("decisions", Decisions)
    changed = any(one.changed for one in facts.parameters)
    if found is None or not found.taught or changed or any(site.trained for site in read_sites(facts)):
        return
    message = "The loss is computed on decisions (argmax, rounding or a threshold), through which no gradient flows."
    fix = "Compute the loss on the logits or probabilities, and take decisions for metrics only."
    yield make("loss-of-decisions", "critical", message, fix, at=found.taught[0].where)
