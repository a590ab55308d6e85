"""Findings about the weights and layers of a Keras model: how they began, how far they moved, and what is cut off."""

import math
from collections.abc import Iterator
from statistics import median

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.finding import Maker
from sandbox.report import Finding

ADAPTIVE = ("Adam", "RMSprop", "Nadam", "Adamax", "Lion", "Ftrl", "AdamW", "Lamb")
"""Optimisers whose step is about as large as the learning rate, whatever the gradient is."""
LARGE, TINY = 0.3, 1e-6
RANDOM = ("Glorot", "He", "Lecun", "Random", "Truncated", "VarianceScaling", "Orthogonal")


class Weight(BaseModel):
    """One weight; `moved` is the size of its change relative to what it was before."""

    name: str
    layer: str = ""
    where: Place = None
    shape: list[int] = []
    trainable: bool = True
    initializer: str | None = None
    rms_before: float | None = None
    constant_before: bool = False
    columns_equal: bool = False
    moved: float | None = None

    @property
    def values(self) -> int:
        return math.prod(self.shape)

    @property
    def is_kernel(self) -> bool:
        return len(self.shape) >= 2 and "Embedding" not in self.layer and not self.name.endswith("bias")

    @property
    def is_table(self) -> bool:
        return len(self.shape) == 2 and "Embedding" in self.layer

    @property
    def fan_in(self) -> int:
        return math.prod(self.shape[:-1])


class MadeInCall(BaseModel):
    """Layers that one line of a `call` made."""

    name: str
    where: Place = None
    count: int


class Still(BaseModel):
    """A weight of the program's own layer that is not trainable, and never was given another value."""

    name: str
    shape: list[int]
    zero: bool = False
    where: Place = None


class Norm(BaseModel):
    name: str
    moved: bool


class Weights(BaseModel):
    weights: list[Weight] = []
    loaded: bool = False
    """Whether the program loaded weights from anywhere."""
    made_in_call: list[MadeInCall] = []
    norms: list[Norm] = []
    still: list[Still] = []


class Spot(BaseModel):
    name: str
    where: Place = None


class Dead(Spot):
    dead: int
    units: int


class Repeated(Spot):
    times: int


class Layers(BaseModel):
    """What one call of the trained model showed of its layers."""

    unconnected: list[str] = []
    uncalled: list[str] = []
    stops: list[Place] = []
    off: list[Spot] = []
    """Dropout and noise that did nothing in training."""
    on: list[Spot] = []
    """Dropout and noise that did something in evaluation."""
    dead: list[Dead] = []
    repeated: list[Repeated] = []


def weights(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Initial values, step sizes, and what is frozen."""
    found = facts.section("keras-weights", Weights)
    if found is None or not facts.steps:
        return
    start = list(_start(found, make, facts))
    yield from start
    yield from _size(evidence, facts, found, make)
    yield from _frozen(evidence, facts, found, make)
    for one in found.made_in_call[:1] if evidence.raised is None else []:
        message = (
            f"{one.count} layers of type {one.name} were made inside of call, each with random weights of its own."
        )
        fix = "Create layers in __init__, and only use them in call."
        yield make("state-created-in-call", "critical", message, fix, at=one.where, count=one.count)


def _start(found: Weights, make: Maker, facts: Facts) -> Iterator[Finding]:
    trained = [one for one in found.weights if one.trainable and one.is_kernel]
    alike = [one for one in trained if one.constant_before and one.columns_equal]
    if alike and len(trained) > 1 and facts.steps >= 3:
        one, names = alike[0], ", ".join(one.name for one in alike[:3])
        message = f"{len(alike)} of {len(trained)} kernels began with one value everywhere, and all of their units are "
        message += f"still the same: {names}."
        fix = "Leave the initialiser out, or use a random one such as glorot_uniform."
        yield make("bad-initialisation", "critical", message, fix, at=one.where, names=[one.name for one in alike[:20]])
        return
    flat = [one for one in trained if one.constant_before and one.rms_before and one.name.endswith("/kernel")]
    flat = [one for one in flat if min(one.fan_in, one.shape[-1]) > 1 and one.layer.startswith(("Dense", "Conv"))]
    if flat:
        one = flat[0]
        message = f"{one.name} began with one and the same value everywhere, so that all of its units began alike."
        fix = "Leave the initialiser out, or use a random one such as glorot_uniform."
        yield make("bad-initialisation", "warning", message, fix, at=one.where, names=[one.name for one in flat[:20]])
        return
    gains = {
        one.name: one.rms_before * one.fan_in**0.5 for one in trained if one.rms_before and not one.constant_before
    }
    wild = [one for one in trained if gains.get(one.name, 1.0) > 10 and one.fan_in >= 8]
    if wild:
        one = wild[0]
        message = f"{one.name} began {gains[one.name]:.0f} times as large as its {one.fan_in} inputs call for."
        fix = "Divide the initialiser's deviation by the root of the number of inputs, or use glorot_uniform."
        yield make("bad-initialisation", "warning", message, fix, at=one.where, gain=gains[one.name])
    elif len(gains) >= 2 and max(gains.values()) < 0.005:
        one = trained[0]
        message = f"All kernels began {1 / max(gains.values()):.0f} times or more smaller than their inputs call for."
        fix = "Use a larger deviation, or glorot_uniform."
        yield make("bad-initialisation", "warning", message, fix, at=one.where, gain=max(gains.values()))


def _size(evidence: Evidence, facts: Facts, found: Weights, make: Maker) -> Iterator[Finding]:
    """The first updates beside the weights; only where the loss agrees is it a fault."""
    ratio, losses = _ratio(facts, found), [loss for _, loss, _ in evidence.losses]
    stepped = next((one for one in facts.optimizers if one.steps and one.learning_rates), None)
    if ratio is None or stepped is None or len(losses) < 5:
        return
    rate = max(stepped.learning_rates)
    few = max(3, len(losses) // 10)
    first, last = losses[0], median(losses[-few:])
    wild = not math.isfinite(last) or last > 0.9 * first > 0 or max(losses) > 20 * abs(first)
    if ratio > LARGE and wild:
        message = (
            f"With a learning rate of {rate:.3g} the first steps change the weights by about {ratio:.2g} of their "
        )
        message += f"size, and the loss goes from {first:.3g} to {last:.3g}."
        fix = "Lower the learning rate by a factor of ten, and again until the loss falls from the start."
        yield make("learning-rate-too-high", "warning", message, fix, at=stepped.where, ratio=ratio, rate=rate)
    moved = max((one.moved for one in found.weights if one.moved is not None and one.is_kernel), default=1.0)
    first, held = median(losses[:few]), 0 < moved < 1e-2 and facts.steps >= 100 and not found.loaded
    held = held and min(stepped.learning_rates) == rate  # what warms up is not there yet
    held = held or (0 < moved < 1e-3 and facts.steps >= 20)
    still = 0 < moved < 1e-5 and facts.steps >= 50  # whatever the loss does is chance
    if still or (held and rate > 0 and abs(last - first) < 0.05 * abs(first)):
        message = (
            f"In {facts.steps} steps at a learning rate of {rate:.2g} no kernel changed by more than {moved:.1g} of "
        )
        message += f"its size, and the loss went from {first:.4g} to {last:.4g}."
        fix = "Raise the learning rate; an update of about a thousandth of the weights is usual."
        yield make("learning-rate-too-low", "warning", message, fix, at=stepped.where, moved=moved, rate=rate)


def _ratio(facts: Facts, found: Weights) -> float | None:
    """Size of the first updates relative to the kernels."""
    kernels = [one for one in found.weights if one.trainable and one.is_kernel and one.rms_before]
    stepped = next((one for one in facts.optimizers if one.steps and one.learning_rates), None)
    if not kernels or stepped is None:
        return None
    rate = max(stepped.learning_rates)
    if any(name in ADAPTIVE for name in [stepped.name, *stepped.family]):
        return rate / median(one.rms_before for one in kernels if one.rms_before)
    norms = [norm for _, norm in facts.gradient_norms[:5] if math.isfinite(norm)]
    size = math.sqrt(sum(one.rms_before**2 * one.values for one in kernels if one.rms_before))
    return rate * median(norms) / size if norms and size else None


def _frozen(evidence: Evidence, facts: Facts, found: Weights, make: Maker) -> Iterator[Finding]:
    declared = evidence.declared.frozen
    frozen = [one for one in found.weights if not one.trainable and not one.name.startswith(declared or ("\0",))]
    begun = [one for one in frozen if (one.initializer or "").startswith(RANDOM)]
    random, tables = [one for one in begun if one.is_kernel], [one for one in begun if one.is_table]
    total = sum(one.values for one in found.weights)
    values = sum(one.values for one in random if not one.moved)
    trained_before = any(one.moved for one in frozen)
    if random and not found.loaded and not trained_before and values > 0.05 * total:
        names = ", ".join(one.name for one in random[:3])
        message = f"{len(random)} kernels are frozen at the random values that they were made with: {names}."
        fix = "Train them, or load what they are meant to keep before they are frozen."
        yield make("frozen-at-random", "warning", message, fix, at=random[0].where, values=values, names=names)
    elif tables and not found.loaded and not trained_before and not any(one.moved for one in tables):
        message = f"The embedding {tables[0].name} is frozen at the random values that it was made with."
        fix = "Train it, or give it the vectors that it is meant to keep."
        yield make("frozen-at-random", "warning", message, fix, at=tables[0].where, names=[one.name for one in tables])
    for one in found.still[:1] if not found.loaded and facts.steps >= 3 else []:
        begun = "all zeros" if one.zero else "the random values that it was made with"
        message = f"{one.name} of shape {one.shape} is not trainable, and is still {begun}."
        fix = "Leave trainable=False out, if it is to be learned."
        yield make("frozen-at-random", "info", message, fix, at=one.where, name=one.name)
    kernels = sum(one.values for one in frozen if one.is_kernel)
    if kernels > 0.5 * total and any(one.moved for one in found.norms):
        names = ", ".join(one.name for one in found.norms[:3])
        message = f"Most of the model is frozen, and {len(found.norms)} batch normalisations in it still move: {names}."
        fix = "Set trainable to False for the whole base, and call it with training=False."
        yield make("frozen-statistics-move", "warning", message, fix, names=[one.name for one in found.norms[:20]])


def layers(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """What is cut off, switched off or dead in the trained model."""
    found = evidence.probe("layers", Layers)
    if found is None:
        return
    without = {one.name for one in facts.parameters if one.trainable and not one.gradient and not one.changed}
    cut = [name for name in found.unconnected if name in without and name not in found.uncalled]
    stops = [one for one in found.stops if one is not None]
    if cut and facts.steps >= 3:
        message = (
            f"{len(cut)} trainable variables are used and cannot be reached from the output: {', '.join(cut[:3])}."
        )
        fix = "Leave out stop_gradient, numpy and argmax on the way, so that the loss stays connected to them."
        yield make("parameters-cut-off", "warning", message, fix, at=stops[0] if stops else None, names=cut[:20])
    if found.off and facts.backwards:
        one = found.off[0]
        message = f"{one.name} does nothing in training: it is called with training=False."
        fix = "Leave the argument out, or pass the training that call was given."
        yield make("training-flag-fixed", "warning", message, fix, at=one.where, names=[one.name for one in found.off])
    if found.on:
        one = found.on[0]
        message = f"{one.name} is active in evaluation too: it is called with training=True."
        fix = "Leave the argument out, or pass the training that call was given."
        yield make("training-flag-fixed", "warning", message, fix, at=one.where, names=[one.name for one in found.on])
    dead = [one for one in found.dead if one.dead >= 0.9 * one.units]
    if dead and facts.steps >= 3:
        one = dead[0]
        message = f"{one.dead} of the {one.units} units of {one.name} answer zero to every sample, and cannot learn."
        fix = "Lower the learning rate, start with biases of zero, or use leaky_relu."
        yield make("dead-units", "warning", message, fix, at=one.where, dead=one.dead, units=one.units)
    for repeated in found.repeated[:1]:
        message = f"{repeated.name} is one and the same layer {repeated.times} times in a row."
        fix = "Make each one anew: [make_layer() for _ in range(n)]."
        yield make("one-layer-repeated", "warning", message, fix, at=repeated.where, times=repeated.times)
