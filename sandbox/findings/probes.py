"""Findings of the probes: how the trained model's answers depend on what it is given."""

import math
from collections.abc import Iterator

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts
from sandbox.findings.finding import Maker, number, one_line
from sandbox.findings.layouts import explains_mixing, mixes_batch, read_layout
from sandbox.probed import TOLERANCE, is_no_batch
from sandbox.report import Finding

STRAIGHT = 1e-3
"""Bend of an answer along a line, relative to its change, that rounding in float32 may make."""


class Determinism(BaseModel):
    """How far two equal calls differ."""

    difference: float
    draws: bool = False
    """Whether a call draws from Python's or numpy's generator."""


class State(BaseModel):
    """Tensors that the model itself keeps between calls, and how far they move the next answer."""

    names: list[str] = []
    effect: float = 0.0


class BatchSizes(BaseModel):
    """The same samples in smaller batches: differences of their rows, None where the rows are lost, and errors."""

    rows: int = 0
    differences: dict[int, float | None] = {}
    errors: dict[int, str] = {}


class Affine(BaseModel):
    """The largest bend that was seen along a line, and how many weight matrices the model has."""

    largest: float
    weights: int


def probes(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """What the probes of the trained model showed."""
    independence = evidence.probes.get("independence", {})
    constant = bool(independence.get("constant") and independence.get("inputs_differ"))
    if constant:
        message = "The trained model gives exactly the same output for every sample of a batch."
        fix = "Let the output depend on the input; a softmax over one unit or dead activations also do this."
        yield make("constant-output", "critical", message, fix)
    yield from _repeated(evidence, make)
    state = evidence.probe("state", State)
    carried = state is not None and state.names
    meant = evidence.declared.mixes_batch
    meant = meant or is_no_batch(evidence)
    if mixes_batch(evidence) and not meant and not carried and not explains_mixing(evidence, facts):
        message = "A sample's output changes with the other samples of its batch."
        fix = "Check batch_first, and reshapes or reductions that touch axis 0."
        yield make("batch-mixing", "warning", message, fix, difference=independence.get("difference"))
    if not is_no_batch(evidence):
        yield from _batch_sizes(evidence.probe("batch-sizes", BatchSizes), make)
    if not constant:
        yield from _affine(evidence, facts, make)


def _repeated(evidence: Evidence, make: Maker) -> Iterator[Finding]:
    """What two equal calls differ in was drawn, or remembered from the call before."""
    probe = evidence.probe("determinism", Determinism)
    declared = evidence.declared.stochastic_evaluation
    state = evidence.probe("state", State)
    if state is not None and state.names:
        message = f"What the model keeps in {', '.join(state.names)} from one call decides the next one too."
        fix = "Begin each batch with a fresh state; where sequences are continued, hand the state over as an input."
        yield make("state-carried-over", "warning", message, fix, names=state.names, effect=state.effect)
    elif probe is not None and probe.difference > TOLERANCE and not declared:
        layout = read_layout(evidence)
        dropped, drawn = layout.first("dropout-in-eval"), layout.first("draws")
        samples = (drawn is not None or probe.draws) and dropped is None
        message = "In evaluation mode two calls with the same batch differ" + (
            ": dropout is at work." if dropped else ": random numbers are drawn." if samples else "."
        )
        fix = "Pass training=self.training to functional dropout; ignore this for models that sample."
        at = next((one.where for one in (dropped, drawn) if one is not None), None)
        severity = "info" if samples else "warning"
        yield make("random-in-eval-mode", severity, message, fix, at=at, difference=probe.difference)


def _batch_sizes(probe: BatchSizes | None, make: Maker) -> Iterator[Finding]:
    """Other sizes of a batch: one sample alone is the case that a squeeze breaks."""
    if probe is None:
        return
    lost = [size for size, difference in probe.differences.items() if difference is None or difference == math.inf]
    failed = sorted(probe.errors)
    single = (failed or lost) == [1] and len(probe.differences) + len(failed) > 1
    if single and probe.rows > 1:
        told = f": {one_line(probe.errors[1])}" if failed else ", and the others do not"
        message = f"A batch of one sample loses its batch axis{told}"
        fix = "Squeeze the one axis that is meant, such as squeeze(-1), never all axes of size one."
        yield make("batch-of-one", "warning", message, fix, errors=probe.errors)
    elif failed:
        message = f"The model fails with another batch size: {one_line(probe.errors[failed[0]])}"
        fix = "Take the batch size from the input's shape."
        yield make("fixed-batch-size", "warning", message, fix, errors=probe.errors)


def _affine(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Depth without a bend, far out in every direction tried; one weight matrix is a linear model by design."""
    probe = evidence.probe("affine", Affine)
    if probe is None or probe.weights < 2 or not math.isfinite(probe.largest) or probe.largest > STRAIGHT:
        return
    message = f"The answer is a linear function of the input, although the model has {probe.weights} weight matrices."
    fix = "Put an activation such as ReLU between the layers, or make it one layer if it is meant to be linear."
    yield make("no-nonlinearity", "warning", message, fix, bend=number(probe.largest), weights=probe.weights)
