"""Findings about the order of a PyTorch training step: clipping, loss scaling, accumulation, and late steps."""

from collections.abc import Iterator

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.finding import Maker
from sandbox.report import Finding

Group = tuple[int, bool, bool, int]
"""Backward passes before a step, whether all came from one line, whether all were plain means, and how often."""


class Clipping(BaseModel):
    """Calls of one clipping function from one line; of the first forty, how many clipped nothing, and why."""

    function: str
    where: Place = None
    calls: int
    empty: int
    stale: int
    foreign: int
    other: int
    scaled: int
    scaling_on: bool

    @property
    def looked(self) -> int:
        return min(self.calls, 40)


class Scaling(BaseModel):
    """The calls of one gradient scaler; `plain` counts steps that went past it."""

    where: Place = None
    enabled: bool
    scaled: int
    stepped: int
    updated: int
    plain: int


class Protocol(BaseModel):
    clippings: list[Clipping] = []
    scalings: list[Scaling] = []
    groups: list[Group] = []
    steps: int = 0
    late: int = 0
    """Steps between a forward pass and its backward pass."""
    lost: int = 0
    """Backward passes whose gradients were set to zero before a step."""
    left: int = 0
    """Backward passes after the last step."""
    begun_without: bool = False


def steps_out_of_order(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """What is done between the backward pass and the step."""
    protocol = facts.section("protocol", Protocol)
    if protocol is None:
        return
    for clipping in protocol.clippings:
        yield from _clipping(clipping, make)
    for scaling in protocol.scalings:
        yield from _scaling(scaling, make)
    yield from _accumulation(evidence, facts, protocol, make)


def _clipping(one: Clipping, make: Maker) -> Iterator[Finding]:
    most, figures = 0.5 * one.looked, one.model_dump(exclude={"where"})
    fix = "Clip the gradients of the parameters that are about to be stepped, between backward and step."
    if one.looked < 2:
        return
    if one.empty + one.stale > most:
        before = "before the backward pass" if one.empty >= one.stale else "after the step"
        message = f"{one.function} was called {before} in {one.empty + one.stale} of {one.looked} calls."
        yield make("clipping-without-effect", "critical", message, fix, at=one.where, **figures)
    elif one.foreign > most or one.other > most:
        message = f"{one.function} was given parameters that the next step does not change."
        yield make("clipping-without-effect", "warning", message, fix, at=one.where, **figures)
    if one.scaled > most:
        message = f"{one.function} was given gradients that still carry the scale of the loss."
        fix = "Call scaler.unscale_(optimizer) before clipping."
        severity = "critical" if one.scaling_on else "warning"
        yield make("clipping-before-unscale", severity, message, fix, at=one.where, **figures)


def _scaling(one: Scaling, make: Maker) -> Iterator[Finding]:
    if one.scaled >= 2 and not one.stepped and one.plain:
        message = f"The loss was scaled {one.scaled} times, and optimizer.step() was called past the scaler."
        fix = "Call scaler.step(optimizer) and then scaler.update()."
    elif one.stepped >= 2 and not one.updated:
        message = f"scaler.step() was called {one.stepped} times and scaler.update() never."
        fix = "Call scaler.update() once after each scaler.step(optimizer)."
    elif one.stepped >= 2 and not one.scaled:
        message = "scaler.step() was called, and no loss was ever scaled."
        fix = "Call scaler.scale(loss).backward()."
    else:
        return
    severity = "critical" if one.enabled else "warning"
    yield make("scaler-out-of-order", severity, message, fix, at=one.where, **one.model_dump(exclude={"where"}))


def _accumulation(evidence: Evidence, facts: Facts, protocol: Protocol, make: Maker) -> Iterator[Finding]:
    """Several backward passes before each step, from one line: a mean over a larger batch, or a sum by mistake."""
    usual = max(protocol.groups, key=lambda one: one[3], default=(0, False, False, 0))
    passes, one_line, means, count = usual
    if evidence.declared.update == "accumulated" and passes == 1 and count >= 3:
        message = f"Gradients were to be accumulated, and {count} of {protocol.steps} steps follow one backward pass."
        fix = "Step, and set the gradients to zero, after several backward passes only."
        yield make("accumulation-missing", "warning", message, fix, at=facts.backward_line, steps=count)
    if passes < 2 or not one_line or count < 3 or count < 0.7 * protocol.steps:
        return
    at = facts.backward_line
    if means:
        message = f"Each step adds up the gradients of {passes} batches, and the loss is not divided by {passes}."
        fix = f"Divide the loss by {passes} before backward, so that the sum is the mean over all batches."
        yield make("accumulation-not-averaged", "warning", message, fix, at=at, passes=passes, steps=count)
    whole = evidence.complete and facts.bounded is None
    if whole and (protocol.lost or protocol.left):
        lost = protocol.lost + protocol.left
        message = f"{lost} backward passes were never used by a step: batches are left over when {passes} are awaited."
        fix = "Step once more at the end of the epoch with what is left over."
        yield make("accumulation-remainder-lost", "warning", message, fix, at=at, lost=lost, passes=passes)
