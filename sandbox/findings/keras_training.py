"""Findings about the steps of a Keras program: its gradients, its optimisers and their schedules, and its traces."""

from collections import Counter
from collections.abc import Iterator

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.finding import Maker
from sandbox.report import Finding


class Clip(BaseModel):
    """How often a step used what a clipping function returned, or the very tensors that it was given."""

    calls: int = 0
    where: Place = None
    dropped: int = 0
    used: int = 0


class Scaling(BaseModel):
    """Steps of optimisers that scale losses, and of plain ones; `half` where the model computes in float16."""

    steps: int = 0
    unscaled: int = 0
    plain: int = 0
    half: bool = False
    where: Place = None


class Gradients(BaseModel):
    clip: Clip = Clip()
    scaling: Scaling = Scaling()
    left_out: list[str] = []
    """Trainable weights of the model that no tape was asked about, where it was asked about others."""
    trainable: int = 0
    where: Place = None


class Optimizer(BaseModel):
    """One optimiser that made steps, and the rates that its schedule gave at places spread over them."""

    name: str
    where: Place = None
    steps: int = 0
    variables: int = 0
    """Equal for optimisers of the same variables."""
    schedule: str | None = None
    schedule_where: Place = None
    rates: list[float] = []
    figures: dict[str, float] = {}


class Optimizers(BaseModel):
    optimizers: list[Optimizer] = []


class Function(BaseModel):
    """A tf.function of the program: objects made of it, calls, traces, and kinds of tensors that it was traced for."""

    name: str
    where: Place = None
    made: int
    again: int = 0
    """Objects that were made of the very function that another one was made of."""
    calls: int
    traces: int
    kinds: int


class Functions(BaseModel):
    functions: list[Function] = []


def gradients(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """What is lost between the tape and the step."""
    found = facts.section("keras-gradients", Gradients)
    if found is None:
        return
    clip, scaling = found.clip, found.scaling
    if clip.dropped and not clip.used:
        message = "Gradients are clipped, and those from before the clipping are applied."
        fix = "Apply what the clipping function returns."
        yield make("clipping-without-effect", "critical", message, fix, at=clip.where, steps=clip.dropped)
    if scaling.unscaled and scaling.unscaled == scaling.steps:
        message = "The optimiser divides the gradients by the loss scale, and the loss is never multiplied by it."
        fix = "Take the gradient of optimizer.scale_loss(loss) inside the tape."
        yield make("loss-not-scaled", "critical", message, fix, at=scaling.where, steps=scaling.steps)
    elif scaling.half and scaling.plain and not scaling.steps:
        message = "The model computes in float16, and the loss is not scaled: small gradients become zero."
        fix = "Wrap the optimiser in keras.mixed_precision.LossScaleOptimizer and use its scale_loss, or use bfloat16."
        yield make("loss-not-scaled", "warning", message, fix, at=scaling.where, steps=scaling.plain)
    yield from _left_out(evidence, facts, found, make)


def _left_out(evidence: Evidence, facts: Facts, found: Gradients, make: Maker) -> Iterator[Finding]:
    declared = evidence.declared.frozen
    still = {one.name for one in facts.parameters if one.trainable and not one.changed and not one.held}
    left = [name for name in found.left_out if name in still and not name.startswith(declared or ("\0",))]
    if left and facts.steps >= 3:
        message = f"The tape is never asked about {len(left)} of the model's {found.trainable} trainable variables: "
        message += f"{', '.join(left[:3])}."
        fix = "Pass model.trainable_variables to tape.gradient and to the optimiser, or set trainable to False."
        yield make("parameters-not-optimized", "warning", message, fix, at=found.where, names=left[:20])


def optimizers(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Optimisers that are made again and again, and schedules that end long before the training does."""
    found = facts.section("keras-optimizers", Optimizers)
    stepped = [one for one in found.optimizers if one.steps] if found else []
    made = Counter((one.where, one.variables) for one in stepped if one.where)
    for (where, _), count in made.items():
        if count >= 3:
            message = f"{count} optimisers were made on this line for the same variables, each with empty moments."
            fix = "Make the optimiser once, before the loop; where compile makes it, compile once."
            yield make("optimizer-made-again", "warning", message, fix, at=where, count=count)
            break
    for one in stepped:
        if one.schedule and len(one.rates) >= 10 and facts.bounded is None and evidence.complete:
            yield from _schedule(one, make)


def _schedule(one: Optimizer, make: Maker) -> Iterator[Finding]:
    """A rate that is all but zero for most of the run, or a decay or a warm-up that hardly begins."""
    most, share = max(one.rates), 0.0
    if most > 0:
        share = sum(rate < 0.002 * most for rate in one.rates) / len(one.rates)
    flat = _flat_end(one.rates)
    length, warmup = one.figures.get("decay_steps", 0.0), one.figures.get("warmup_steps", 0.0)
    fix = "Give decay_steps in optimiser steps: epochs times batches per epoch."
    figures = {"steps": one.steps, **one.figures, "first": one.rates[0], "last": one.rates[-1]}
    if share > 0.5 or (one.schedule == "CosineDecay" and flat > 0.6):
        message = f"{one.schedule} has brought the rate from {most:.3g} to {one.rates[-1]:.3g} after "
        message += f"{1 - max(share, flat):.0%} of the {one.steps} steps, and leaves it there."
    elif one.schedule == "CosineDecay" and length > 5 * one.steps:
        message = (
            f"CosineDecay is spread over {length:.0f} steps, of which {one.steps} are made: the rate hardly falls."
        )
    elif one.schedule == "CosineDecay" and warmup > one.steps:
        message = f"The warm-up takes {warmup:.0f} steps, and only {one.steps} are made."
    else:
        return
    at = one.schedule_where or one.where
    yield make("schedule-at-wrong-pace", "warning", message, fix, at=at, **figures)


def _flat_end(rates: list[float]) -> float:
    """Share of the run at the end in which the rate stays what it is, far below its highest."""
    same = sum(1 for rate in rates if rate == rates[-1])
    return same / len(rates) if rates[-1] < 0.2 * max(rates) else 0.0


FUNCTION_FIX = "Pass numbers as tensors (tf.constant), and make the tf.function once, outside of the loop."


def functions(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Functions that are traced for nearly each call, though the tensors are of the same kinds."""
    found = facts.section("keras-functions", Functions)
    for one in found.functions if found else []:
        if one.again >= 3 and one.traces > one.again:
            message = f"{one.name} was made a tf.function {one.again + 1} times over, and traced {one.traces} times."
            yield make("function-traced-again", "warning", message, FUNCTION_FIX, at=one.where, made=one.again + 1)
            continue
        kinds = one.kinds / max(1, one.made)
        often = one.traces >= 0.3 * one.calls or one.traces >= 10 * kinds
        if one.traces < 5 or one.traces <= 2 * kinds or not often:
            continue
        message = f"{one.name} was traced {one.traces} times in {one.calls} calls with the same kinds of tensors."
        yield make(
            "function-traced-again", "warning", message, FUNCTION_FIX, at=one.where, traces=one.traces, calls=one.calls
        )
