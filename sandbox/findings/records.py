"""Findings about what a program writes down of its training: decisions, logged scalars, checkpoints."""

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.finding import Maker
from sandbox.report import Finding

CLOSE = 1e-5
RESUMABLE = ("epoch", "epochs", "step", "steps", "iteration", "global_step", "iter_num")


class Decision(BaseModel):
    """Calls of argmax and its like from one line, on tensors of the shape of the model's output."""

    axis: int
    shape: list[int]
    rows: int
    where: Place = None
    calls: int


class Decisions(BaseModel):
    seen: list[Decision] = []


class Checkpoint(BaseModel):
    """One call of torch.save, or of a Keras model's save."""

    path: str = ""
    keys: list[str] | None = None
    step: int = 0
    weights: bool = False
    """Whether a value of the dictionary is a model's state."""
    optimizer: bool = False
    where: Place = None


class History(BaseModel):
    """What one call of fit told of its epochs."""

    history: dict[str, list[float]] = {}


class Histories(BaseModel):
    fits: list[History] = []


class Kept(BaseModel):
    kept: list[tuple[int, Place]] = []
    """(steps made, line) of states that were taken while the model was trained, and not saved as they are."""


class Keeping(NamedTuple):
    """Weights that are kept in one place, again and again."""

    what: str
    steps: list[int]
    where: Place


def decisions(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """The largest output along the batch: one sample for each class, rather than one class for each sample."""
    alone = facts.notes.get("softmax-of-one")
    if alone is not None:
        shape = (alone.model_extra or {}).get("shape")
        message = f"A softmax over an axis of size one, of values of shape {shape}, answers 1 whatever it is given."
        fix = "Use a sigmoid for a single output, or give each class an output of its own."
        yield make("softmax-over-one-unit", "critical", message, fix, at=alone.where, shape=shape)
    found = facts.section("decisions", Decisions)
    for one in found.seen if found is not None else []:
        if one.axis == 0 and len(one.shape) >= 2 and one.shape[0] == one.rows and one.rows > 1:
            message = f"The largest of outputs of shape {one.shape} is taken along the batch, in {one.calls} calls."
            fix = "Take it along the axis of the classes: argmax(1), or argmax(-1) where they come last."
            yield make("argmax-over-batch", "warning", message, fix, at=one.where, shape=one.shape)
        else:
            axis = _class_axis(one, facts)
            if axis in (None, one.axis):
                continue
            message = f"The largest of outputs of shape {one.shape} is taken along axis {one.axis}, "
            message += f"the classes are on {axis}."
            fix = f"Take it along axis {axis}."
            yield make("argmax-over-positions", "warning", message, fix, at=one.where, shape=one.shape)


def _class_axis(one: Decision, facts: Facts) -> int | None:
    """Where the loss looks for the classes of such outputs, which have positions too: PyTorch's on axis 1."""
    for call in facts.loss_calls if len(one.shape) > 2 else []:
        for figures in call.sampled:
            given = figures.get("input_shape", [])
            if given[1:] != one.shape[1:] or figures.get("kind") != "classes":
                continue
            if call.function == "cross_entropy":
                return 1
            if figures.get("from_logits") is not None and figures.get("classes") == one.shape[-1]:
                return len(one.shape) - 1
    return None


FEW_TRAININGS = 5
"""Of one program; each that was ended at its bound logs the first of its epochs, and no other."""


def logs(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Scalars in TensorBoard against the losses that were seen."""
    few = FEW_TRAININGS if facts.bounded else 1
    constant = [
        tag for tag, points in evidence.scalars.items() if len(points) > few and len({step for step, _ in points}) == 1
    ]
    if constant:
        tags = ", ".join(constant[:3])
        count = len(evidence.scalars[constant[0]])
        message = f"All {count} values of {tags} were logged at the same step."
        fix = "Give each value its step: writer.add_scalar(tag, value, step)."
        yield make("logged-at-one-step", "warning", message, fix, tags=constant[:10])
    yield from _begun_again(evidence, make)
    losses = [loss for _, loss, _ in evidence.losses if math.isfinite(loss)]
    curves = {tag: [value for _, value in points] for tag, points in evidence.scalars.items() if "loss" in tag.lower()}
    for tag, values in curves.items():
        yield from _epochs(tag, values, _cut(losses, len(values)), make)
    fits = (facts.section("fitting", Histories) or Histories()).fits
    if len(fits) == 1 and not any(tag.endswith("epoch_loss") for tag in curves):
        loss = fits[0].history.get("loss", [])
        yield from _last_batch("loss", loss, _cut(losses, len(loss)), make)


def _cut(losses: Sequence[float], count: int) -> list[Sequence[float]]:
    """The losses of so many epochs; nothing where they cannot be told apart."""
    width = len(losses) // count if count >= 2 and not len(losses) % count else 0
    return [losses[start : start + width] for start in range(0, len(losses), width)] if width >= 4 else []


def _begun_again(evidence: Evidence, make: Maker) -> Iterator[Finding]:
    """A step that counts the batches of an epoch, and not those of the whole training."""
    for tag, points in evidence.scalars.items():
        steps = [step for step, _ in points]
        starts = [place for place in range(1, len(steps)) if steps[place] <= steps[place - 1]]
        if len(starts) >= 2 and len(set(steps)) >= 3 and all(steps[place] == steps[0] for place in starts):
            message = f"{tag!r} was logged at steps {steps[0]} to {max(steps)}, {len(starts) + 1} times over."
            fix = "Count on over the epochs: epoch * batches_per_epoch + batch, or the optimiser's iterations."
            yield make("logged-steps-begin-again", "warning", message, fix, tag=tag, times=len(starts) + 1)
            return


def _epochs(tag: str, values: Sequence[float], epochs: Sequence[Sequence[float]], make: Maker) -> Iterator[Finding]:
    """One value for each epoch: its mean is meant, not its last batch, and not a multiple of the mean."""
    last = list(_last_batch(tag, values, epochs, make))
    means = [sum(epoch) / len(epoch) for epoch in epochs]
    shares = [value / mean for value, mean in zip(values, means, strict=False) if mean]
    if last:
        yield from last
    elif shares and max(shares) - min(shares) < 0.02 * abs(shares[0]) and not 0.5 < shares[0] < 2.0:
        message = f"{tag!r} is {shares[0]:.3g} times the mean loss of the epoch: {values[-1]:.4g}, not {means[-1]:.4g}."
        fix = "Divide the sum of the batches' means by the number of batches, or the sum over samples by the samples."
        yield make("mean-has-other-denominator", "warning", message, fix, tag=tag, logged=values[-1], mean=means[-1])


def _last_batch(tag: str, values: Sequence[float], epochs: Sequence[Sequence[float]], make: Maker) -> Iterator[Finding]:
    """The loss of each epoch's last batch, or always the same multiple of it: it was divided for its gradient.

    A loss that does not move is its own mean as well.
    """
    if not epochs or all(_equal(value, sum(epoch) / len(epoch)) for value, epoch in zip(values, epochs, strict=True)):
        return
    parts = [value / epoch[-1] for value, epoch in zip(values, epochs, strict=True) if epoch[-1]]
    alike = len(parts) >= 3 and all(_equal(part, parts[0]) for part in parts)
    if alike or all(_equal(value, epoch[-1]) for value, epoch in zip(values, epochs, strict=True)):
        width, mean = len(epochs[-1]), sum(epochs[-1]) / len(epochs[-1])
        message = f"{tag!r} is the loss of the last of {width} batches, in each of {len(values)} epochs."
        fix = "Log the mean over the epoch: add up the losses, or use keras.metrics.Mean."
        yield make("last-batch-logged", "warning", message, fix, tag=tag, logged=values[-1], mean=mean)


def _equal(first: float, second: float) -> bool:
    return math.isclose(first, second, rel_tol=CLOSE)


def checkpoints(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Checkpoints that say where training was and cannot go on from there, or that keep the worst weights."""
    saved = [Checkpoint.model_validate(one) for one in facts.checkpoints if _is_whole(one)]
    poor = [one for one in saved if one.weights and not one.optimizer and set(one.keys or []) & set(RESUMABLE)]
    if poor and facts.optimizers:
        message = f"{poor[0].path!r} holds {', '.join((poor[0].keys or [])[:6])}, and no state of the optimiser."
        fix = "Save optimizer.state_dict(), and that of the schedule, beside the model's, or leave the epoch out."
        # The best weights are kept to be used, as a rule; where training stopped, to go on.
        severity = "info" if "best" in poor[0].path.rpartition("/")[2].lower() else "warning"
        yield make("checkpoint-cannot-resume", severity, message, fix, at=poor[0].where, keys=poor[0].keys)
    yield from _worst(evidence, [*_written(saved), *_kept(facts)], make)


def _is_whole(told: dict[str, Any]) -> bool:
    return isinstance(told.get("path", ""), str) and isinstance(told.get("step", 0), int)


def _written(saved: list[Checkpoint]) -> Iterator[Keeping]:
    for path in dict.fromkeys(one.path for one in saved):
        written = [one for one in saved if one.path == path]
        yield Keeping(f"{path!r} was written", [one.step for one in written], written[0].where)


def _kept(facts: Facts) -> Iterator[Keeping]:
    """Weights that are kept in memory, from each line that does."""
    states = facts.section("copies", Kept) or Kept()
    for place in dict.fromkeys(where for _, where in states.kept):
        yield Keeping("Weights were kept", [step for step, where in states.kept if where == place], place)


def _worst(evidence: Evidence, keepings: list[Keeping], make: Maker) -> Iterator[Finding]:
    """Weights that are kept again at each new low of a score, and at no new high."""
    for what, steps, where in keepings:
        for history in [one.history for one in evidence.passes if len(one.history) >= 4]:
            highs, lows = _records(history), _records([(step, -score) for step, score in history])
            again = set(steps[1:])
            if steps[0] == history[0][0] and len(highs) >= 2 and again <= lows and not again & highs:
                message = f"{what} at {len(steps)} lows of the held-out score, at none of {len(highs)} highs."
                fix = "Turn the comparison round: keep the weights when the score rises, or when the loss falls."
                yield make("worst-weights-kept", "warning", message, fix, at=where, highs=len(highs))
                return


def _records(history: Sequence[tuple[int, float]]) -> set[int]:
    """Steps at which the score was higher than ever before; the first one is none."""
    best, found = -math.inf, set()
    for step, score in history:
        if score > best and math.isfinite(best):
            found.add(step)
        best = max(best, score)
    return found
