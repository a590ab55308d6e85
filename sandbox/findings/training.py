"""Findings about training itself: the order of its steps, and whether they reach the parameters."""

from collections.abc import Iterator

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts, OptimizerFacts, ParameterFacts, Place
from sandbox.findings.finding import Maker
from sandbox.findings.training_graph import Use, disconnected
from sandbox.findings.training_protocol import Protocol
from sandbox.findings.training_updates import Updates, began_alike
from sandbox.report import Finding


class Idle(BaseModel):
    name: str
    where: Place = None
    left: int


class Again(BaseModel):
    where: Place = None
    count: int


class Optimizers(BaseModel):
    idle: list[Idle] = []
    """Optimisers without a step that alone hold tensors with gradients."""
    still_frozen: list[Idle] = []
    """Optimisers that were given more than the one before them, all of which was frozen."""
    again: list[Again] = []
    """Lines that made optimisers of the same parameters several times."""


LOWEST_RATE = 1e-7
"""Far below the rates of fine-tuning, which begin at about 1e-6."""


def protocol(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """The order zero, forward, backward, step, and whether it reaches the parameters."""
    late = _is_late(facts)
    named = [found for one in facts.optimizers for found in _optimizer(facts, one, make, late=late)]
    yield from named
    changed = facts.apart or any(one.changed for one in facts.parameters)
    begun = facts.backwards == 1 and evidence.raised is not None  # it had no time to come to its first step
    if facts.backwards and not facts.steps and not facts.changed and not begun:
        message = f"{facts.backwards} backward passes were made and no optimiser step."
        fix = "Apply the gradients: optimizer.step() after loss.backward(), or optimizer.apply_gradients."
        yield make("optimizer-step-missing", "critical", message, fix, at=facts.backward_line)
    elif facts.steps and facts.backwards and not changed and not named and _is_known(evidence, facts):
        yield _unchanged(evidence, facts, make)
    yield from _not_stepped(facts, make)
    yield from _not_held(evidence, facts, make)
    if facts.watched_graphs >= 24 and facts.live_graphs >= 0.9 * facts.watched_graphs:
        message = f"The graphs of {facts.live_graphs} of the first {facts.watched_graphs} losses are still in memory."
        fix = "Add up loss.item() or loss.detach(), not the loss itself."
        yield make("growing-graph", "warning", message, fix, at=facts.backward_line, live=facts.live_graphs)


def _is_known(evidence: Evidence, facts: Facts) -> bool:
    """Whether it is known what was to change: parameters of a model, or what an optimiser alone holds."""
    alone = not facts.models and bool(facts.watched) and not facts.changed
    return bool(facts.parameters) or (alone and disconnected(evidence, facts) is not None)


def _is_late(facts: Facts) -> bool:
    """Whether the step comes between the forward pass and its backward pass, as the very first one did."""
    order = facts.section("protocol", Protocol)
    if order is None or not order.begun_without or not facts.backwards:
        return False
    unused = sum(one.zero_gradients for one in facts.optimizers) >= 2
    return unused or order.late > 0.8 * order.steps > 2


def _optimizer(facts: Facts, one: OptimizerFacts, make: Maker, *, late: bool) -> Iterator[Finding]:
    if one.stale >= 2 and one.stale > 0.5 * one.steps:
        message = (
            f"In {one.stale} of {one.steps} steps the gradients of the step before were still there and were added to."
        )
        yield make(
            "missing-zero-grad", "critical", message, "Call optimizer.zero_grad() before loss.backward().",
            at=one.where, stale=one.stale, steps=one.steps,
        )  # fmt: skip
    if late and one.steps >= 2:
        message = f"The first of {one.steps} optimiser steps had no backward pass before it, nor did those behind it."
        fix = "Call loss.backward() before optimizer.step()."
        yield make("step-before-backward", "critical", message, fix, at=facts.backward_line, steps=one.steps)
    elif one.steps >= 2 and one.without_backward >= one.steps - 1:
        id = "step-before-backward" if facts.backwards else "missing-backward"
        message = f"{one.without_backward} of {one.steps} optimiser steps had no backward pass before them."
        yield make(id, "critical", message, "Call loss.backward() before optimizer.step().", at=one.where)
    elif one.zeroed >= 2 and one.zero_gradients >= 2 and not any(norm > 0 for _, norm in facts.gradient_norms):
        message = f"The gradients were set to zero between backward and step, {one.zeroed} times."
        fix = "Call zero_grad before backward, or after step."
        yield make("zero-grad-before-step", "critical", message, fix, at=one.where, steps=one.steps)
    elif _is_bound_elsewhere(facts, one):
        message = f"None of the {one.held} tensors of this {one.name} got a gradient in any of its {one.steps} steps."
        fix = "Create the optimiser after the model and its layers, from the parameters that are trained with it."
        yield make("optimizer-bound-to-other-parameters", "critical", message, fix, at=one.where, steps=one.steps)
    if one.steps and one.learning_rates and max(one.learning_rates) == 0.0:
        message = "The learning rate was 0 in every step looked at."
        yield make("zero-learning-rate", "critical", message, "Give the optimiser a positive lr.", at=one.where)
    elif one.steps >= 20 and one.learning_rates and max(one.learning_rates) < LOWEST_RATE:
        message = f"The learning rate was never above {max(one.learning_rates):.1g} in {one.steps} steps."
        fix = "Give the optimiser a rate that moves its parameters, such as 1e-3 for Adam."
        yield make("learning-rate-too-low", "warning", message, fix, at=one.where, rate=max(one.learning_rates))


def _is_bound_elsewhere(facts: Facts, one: OptimizerFacts) -> bool:
    """Whether one of several optimisers stepped without gradients while another one had some."""
    empty = one.steps >= 3 and one.zero_gradients >= min(one.steps, 10) and one.zeroed < 2 and not one.without_backward
    return empty and any(other.steps > other.zero_gradients for other in facts.optimizers if other is not one)


def _unchanged(evidence: Evidence, facts: Facts, make: Maker) -> Finding:
    cause = disconnected(evidence, facts)
    if cause is not None:
        id, seen, where = cause
        message = f"No parameter of the model changed in {facts.steps} steps: {seen}."
        fix = "Keep the loss connected to the parameters: no torch.no_grad(), no detach, no .item(), no tensor(loss)."
        return make(id, "critical", message, fix, at=where or facts.backward_line, steps=facts.steps)
    if any(one.held for one in facts.parameters if one.trainable):
        message = f"No parameter of the model changed in {facts.steps} steps."
        fix = "Keep the loss connected to the parameters: no detach, no .item(), no tensor(loss) before backward."
        at = facts.backward_line
        return make("parameters-never-change", "critical", message, fix, at=at, steps=facts.steps)
    if not any(one.trainable for one in facts.parameters):
        message = f"None of the {len(facts.parameters)} parameter tensors of the model is trainable."
        fix = "Set requires_grad to True for what is meant to be trained."
        return make("no-trainable-parameters", "critical", message, fix, at=facts.backward_line, steps=facts.steps)
    message = "The optimiser holds none of the parameters of the model that is trained."
    fix = "Create the optimiser after the model, from model.parameters()."
    where = next((one.where for one in reversed(facts.optimizers) if one.steps), None)
    return make("optimizer-bound-to-other-parameters", "critical", message, fix, at=where)


def _not_stepped(facts: Facts, make: Maker) -> Iterator[Finding]:
    """One of several optimisers that holds what no other one holds, and is never stepped."""
    order = facts.section("optimizers", Optimizers)
    for one in order.idle if order and facts.steps >= 3 else []:
        message = f"This {one.name} is never stepped, and {one.left} tensors with gradients are held by it alone."
        fix = "Call its step() after the backward pass, as for the other optimisers."
        yield make("optimizer-step-missing", "warning", message, fix, at=one.where, left=one.left)
    for one in order.still_frozen[:1] if order else []:
        message = f"This {one.name} was given {one.left} tensors more than the one before, and all are still frozen."
        fix = "Set requires_grad to True for them before this stage, or leave them out of this optimiser."
        yield make("never-unfrozen", "warning", message, fix, at=one.where, left=one.left)
    for one in order.again if order else []:
        message = f"This line made {one.count} optimisers of the same parameters, with steps in between."
        fix = "Make the optimiser once, before the loop: what it has gathered of earlier steps is lost each time."
        yield make("optimizer-made-again", "warning", message, fix, at=one.where, count=one.count)


def _not_held(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    trained = [one for one in facts.parameters if one.trainable]
    left = [one.name for one in trained if not one.held and one.gradient and not one.changed]
    if left and len(left) < len(trained) and facts.steps:
        names = ", ".join(left[:3])
        message = f"{len(left)} trainable parameter tensors get gradients and are held by no optimiser: {names}."
        fix = "Pass them to the optimiser, or set requires_grad to False."
        at = next((one.where for one in reversed(facts.optimizers) if one.steps), None)
        yield make("parameters-not-optimized", "warning", message, fix, at=at, names=left[:20])
    use = evidence.probe("use", Use)
    explained = {one.name for one in use.without} | (set(use.used) if use.cuts else set()) if use else set()
    explained |= set(_cancelled(trained, use)) if use else set()
    unused = [one.name for one in trained if one.held and not one.gradient and one.name not in explained]
    if unused and len(unused) < len(trained) and facts.steps >= 3 and not _began_alike(facts):
        message = f"{len(unused)} parameter tensors never got a gradient: {', '.join(unused[:3])}."
        fix = "Use these layers in the forward pass, or remove them."
        yield make("parameters-without-gradient", "warning", message, fix, names=unused[:20])


def _cancelled(trained: list[ParameterFacts], use: Use) -> Iterator[str]:
    """Biases that are added, and make no difference: two answers of one layer are held against each other."""
    reached = {one.name for one in trained if one.gradient}
    for one in trained:
        layer, _, kind = one.name.rpartition("bias")
        if not kind and f"{layer}weight" in reached and one.name in use.used and len(one.shape) == 1:
            yield one.name


def _began_alike(facts: Facts) -> bool:
    """Whether weights of one value everywhere explain why others get no gradient."""
    found = facts.section("updates", Updates)
    return found is not None and bool(began_alike(found))
