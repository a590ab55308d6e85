"""What a short training of the model on data of our own showed: whether it can learn at all."""

from collections.abc import Iterator

from pydantic import BaseModel, Field

from sandbox.evidence import Evidence, Facts
from sandbox.findings.finding import Maker
from sandbox.report import CheckResult, Finding, check
from sandbox.verdict import ends

LEARNED = 0.5
"""Share of its first loss that a trial comes below where the model learns."""
STUCK = 0.995
"""Share of its first loss that a trial stays above where nothing is learned with any learning rate."""
FEWEST_PARAMETERS = 100
"""A smaller model may have no room for the answers of a batch."""
ENOUGH = 15
"""Steps of a trial with one learning rate: the first ones of Adam may overshoot."""
STEPS = 50
STOOD_STILL = 0.02


class Tried(BaseModel):
    """One trial with one learning rate."""

    rate: float
    steps: int
    first: float
    least: float


class Trial(BaseModel):
    tried: list[Tried] = Field(min_length=1)

    @property
    def best(self) -> float:
        """Least share of the first loss."""
        return min((one.least / one.first for one in self.tried if one.first > 0), default=1.0)


def learns(evidence: Evidence) -> CheckResult:
    """Never fails: what a model cannot learn by heart may be more than it has room for."""
    id, trial = "learns", evidence.probe("trial", Trial)
    if trial is None:
        told = evidence.probes.get("trial", {})
        return check(id, None, str(told.get("skipped") or told.get("error") or "Not reached."))
    figures = {"share": trial.best, "tried": [one.model_dump() for one in trial.tried]}
    steps = trial.tried[-1].steps
    if trial.best < LEARNED:
        message = f"A copy of the model learned other answers to {trial.best:.0%} of the first loss in {steps} steps."
        return check(id, True, message, **figures)
    message = f"A copy of the model came to {trial.best:.0%} of its first loss in {steps} steps, which says little."
    return check(id, None, message, **figures)


def cannot_learn(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """A model that nothing moves, and a training that moves nothing though its model can learn."""
    trial, parameters = evidence.probe("trial", Trial), sum(one.values for one in facts.parameters if one.trainable)
    if trial is None or facts.steps == 0:
        return
    tried_well = min(one.steps for one in trial.tried) >= ENOUGH
    if trial.best > STUCK and tried_well and parameters >= FEWEST_PARAMETERS:
        rates = ", ".join(f"{one.rate:g}" for one in trial.tried)
        message = f"A copy of the trained model learns nothing from 8 samples: with Adam at {rates} the loss stays."
        fix = "Look for dead units, outputs that are saturated, and operations without a gradient before the output."
        yield make("cannot-learn", "warning", message, fix, share=trial.best)
    elif trial.best < LEARNED and _stands_still(evidence):
        first, last = ends([loss for _, loss, _ in evidence.losses])
        message = f"The loss went from {first:.4g} to {last:.4g} in {facts.steps} steps, though the model can learn."
        fix = "Look at the learning rate first, then at whether the targets belong to the inputs."
        yield make("loss-stands-still", "info", message, fix, at=facts.backward_line, first=first, last=last)


def _stands_still(evidence: Evidence) -> bool:
    values = [loss for _, loss, _ in evidence.losses]
    if len(values) < STEPS or len({site for _, _, site in evidence.losses}) > 1:
        return False
    first, last = ends(values)
    return abs(last - first) < STOOD_STILL * abs(first)
