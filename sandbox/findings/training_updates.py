"""Findings about what updates do to parameters: how far they go, what never moves, and how training begins."""

import math
from collections.abc import Iterator, Sequence
from statistics import median

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts
from sandbox.findings.finding import Maker
from sandbox.report import Finding

TINY, LARGE = 1e-6, 0.3
"""Relative size of an update below which nothing is learned, and above which the values before it hardly matter."""


class Move(BaseModel):
    """One update: its size relative to the parameters, and the cosine between it and downhill."""

    step: int
    moved: int
    ratio: float
    along: float | None = None
    values: int = 0


class Parameter(BaseModel):
    name: str
    shape: list[int]
    kind: str = ""
    std: float
    """Of its values before training."""
    constant: bool
    """Whether all of them were the same."""
    uniform: bool
    """Whether all its rows, or all its columns, are the same after training."""
    gradient_rms: float | None = None
    sampled: int = 0
    without: list[tuple[int, int]] = []
    """Runs of rows that never got a gradient."""

    @property
    def is_weight(self) -> bool:
        return len(self.shape) >= 2 and min(self.shape[0], math.prod(self.shape[1:])) >= 2


class Updates(BaseModel):
    moves: list[Move] = []
    parameters: list[Parameter] = []


def updates(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """The size of updates, the values that training begins with, and rows that nothing reaches."""
    found = facts.section("updates", Updates)
    if found is None:
        return
    start = list(_start(evidence, found, make))
    yield from start
    yield from _rows(found, make)
    if not start:
        yield from _size(evidence, facts, found, make)
        yield from _fading(found, make)


def _size(evidence: Evidence, facts: Facts, found: Updates, make: Maker) -> Iterator[Finding]:
    ratios = [one.ratio for one in found.moves if one.ratio > 0]
    rates = [rate for one in facts.optimizers for rate in one.learning_rates]
    told = f"the learning rate was {max(rates):.3g}" if rates else "the updates were made by hand"
    moves = not facts.optimizers or (rates and max(rates) > 0 and _norms(facts))
    if len(ratios) >= 3 and moves and max(ratios) < TINY:
        message = f"An update changes the parameters by {max(ratios):.1g} of their size at most: {told}."
        fix = "Raise the learning rate; an update of about a thousandth of the parameters is usual."
        yield make("learning-rate-too-low", "warning", message, fix, at=_made(facts), ratio=max(ratios))
    yield from _uphill(facts, found, make)
    early = [one.ratio for one in found.moves[:5] if one.moved]
    losses = [loss for _, loss, _ in evidence.losses]
    if len(early) >= 2 and median(early) > LARGE and (wild := _wild(losses)):
        message = f"Updates change the parameters by {median(early):.2g} of their size: {told}. {wild}"
        fix = "Lower the learning rate by a factor of ten, and again until the loss falls from the start."
        yield make("learning-rate-too-high", "warning", message, fix, at=_made(facts), ratio=median(early))


def _uphill(facts: Facts, found: Updates, make: Maker) -> Iterator[Finding]:
    """Updates that follow the gradient instead of going against it."""
    along = [one.along for one in found.moves if one.along is not None]
    if len(along) >= 3 and median(along) < -0.9:
        message = f"Updates go along the gradient, in {len(along)} of those looked at: the loss is made larger."
        fix = "Subtract the gradient: parameter -= rate * gradient."
        yield make("loss-maximised", "critical", message, fix, at=facts.backward_line, along=median(along))


def _norms(facts: Facts) -> bool:
    return any(norm > 0 for _, norm in facts.gradient_norms)


def _made(facts: Facts) -> tuple[str, int] | None:
    return next((one.where for one in facts.optimizers if one.steps), None)


def _wild(losses: Sequence[float]) -> str:
    """What the losses say of steps that are too long; empty where they fall as they should."""
    if len(losses) < 5:
        return ""
    bad = next((step for step, loss in enumerate(losses) if not math.isfinite(loss)), None)
    if bad is not None:
        return f"The loss is not finite from step {bad} on."
    first, last, most = losses[0], median(losses[-max(3, len(losses) // 10) :]), max(losses)
    if first > 0 and most > 20 * first:
        return f"The loss rose from {first:.3g} to {most:.3g} on the way."
    if last > 0.9 * first > 0:
        return f"The loss went from {first:.3g} to {last:.3g}."
    return ""


def began_alike(found: Updates) -> list[Parameter]:
    """Weights of several layers' model that began with one value, and whose units are all the same to the end."""
    layers = sum(len(one.shape) >= 2 and one.kind != "Embedding" for one in found.parameters)
    alike = [one for one in found.parameters if one.is_weight and one.kind != "Embedding" and one.constant]
    alike = [one for one in alike if one.uniform and one.gradient_rms is not None]
    return alike if layers > 1 else []


def _start(evidence: Evidence, found: Updates, make: Maker) -> Iterator[Finding]:
    weights = [one for one in found.parameters if one.is_weight and one.kind != "Embedding"]
    alike = began_alike(found)
    if alike:
        names = ", ".join(_told(one) for one in alike[:3])
        message = f"{len(alike)} of {len(weights)} weights began with one value everywhere, and all their units still "
        message += f"are the same: {names}."
        fix = "Start from random values, such as torch's own initialisation or nn.init.kaiming_uniform_."
        yield make("bad-initialisation", "critical", message, fix, names=[one.name for one in alike[:20]])
        return
    gains = [one.std * min(one.shape[0], math.prod(one.shape[1:])) ** 0.5 for one in weights if not one.constant]
    losses = [loss for _, loss, _ in evidence.losses]
    if len(gains) < 2 or len(losses) < 10:
        return
    if median(gains) > 4 and losses[0] > 20 * abs(median(losses[-max(3, len(losses) // 10) :])) and losses[0] > 10:
        message = f"Weights began {median(gains):.1f} times as large as their layers' width calls for, and the loss "
        message += f"with {losses[0]:.3g}."
        fix = "Divide initial weights by the root of the number of inputs, or use nn.init.kaiming_uniform_."
        yield make("bad-initialisation", "warning", message, fix, gain=median(gains), first=losses[0])
    elif median(gains) < 0.005:
        message = f"Weights began {1 / max(median(gains), 1e-30):.0f} times smaller than their layers' width calls for."
        fix = "Use torch's own initialisation, or nn.init.kaiming_uniform_."
        yield make("bad-initialisation", "warning", message, fix, gain=median(gains))


def _fading(found: Updates, make: Maker) -> Iterator[Finding]:
    """Gradients that get lost on the way from the last layer to the first."""
    weights = [one for one in found.parameters if one.is_weight and one.kind != "Embedding" and one.sampled >= 3]
    sizes = [one.gradient_rms for one in weights if one.gradient_rms]
    if len(sizes) < 5:
        return
    first, last = max(sizes[:2]), min(sizes[-2:])
    if first < 1e-4 * last:
        message = f"The gradients of the first layers are {last / first:.2g} times smaller than those of the last."
        fix = "Use ReLU-like activations, normalisation or residual connections, and an initialisation that fits them."
        yield make("vanishing-gradients", "warning", message, fix, first=first, last=last)
    elif first > 1e4 * last:
        message = f"The gradients of the first layers are {first / last:.2g} times larger than those of the last."
        fix = "Start from smaller weights, normalise between the layers, and clip the gradients."
        yield make("vanishing-gradients", "warning", message, fix, first=first, last=last)


def _rows(found: Updates, make: Maker) -> Iterator[Finding]:
    """One whole block of a weight's rows without a gradient: a part of what it computes is thrown away."""
    for one in found.parameters:
        block = _block(one)
        if block is not None and one.sampled >= 3 and one.kind != "Embedding":
            first, behind = block
            message = f"Rows {first} to {behind - 1} of the {one.shape[0]} of {_told(one)} never got a gradient."
            fix = "Use every part of what this layer computes: queries, keys and values, or both halves of a split."
            yield make("part-without-gradient", "warning", message, fix, rows=[first, behind], name=one.name)


def _block(one: Parameter) -> tuple[int, int] | None:
    """The largest of two to eight equal parts whose rows all lack a gradient, where most other rows have one."""
    rows = one.shape[0] if one.shape else 0
    off = {row for first, behind in one.without for row in range(first, behind)}
    for parts in range(2, 9) if len(one.shape) >= 2 else ():
        size = rows // parts
        if rows % parts or size < (4 if parts <= 4 else 8):
            continue
        blocks = [start for start in range(0, rows, size) if off.issuperset(range(start, start + size))]
        rest = rows - size * len(blocks)
        if blocks and rest and len(off) - size * len(blocks) < 0.3 * rest:
            return blocks[0], blocks[0] + size
    return None


def _told(one: Parameter) -> str:
    return one.name or f"a weight of shape {tuple(one.shape)}"
