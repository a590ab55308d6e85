"""Findings about training itself: the order of its steps, the modes, the data, and the trained model's answers."""

from collections.abc import Iterator

from sandbox.evaluation import is_trained_on
from sandbox.evidence import Evidence, Facts, OptimizerFacts, PassFacts
from sandbox.finding import Maker, number, one_line
from sandbox.report import Finding
from sandbox.verdict import TOLERANCE


def protocol(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """The order zero, forward, backward, step, and whether it reaches the parameters."""
    named = [found for one in facts.optimizers for found in _optimizer(facts, one, make)]
    yield from named
    changed = any(one.changed for one in facts.parameters)
    begun = facts.backwards == 1 and evidence.raised is not None  # it had no time to come to its first step
    if facts.backwards and not facts.steps and not facts.changed and not begun:
        message = f"{facts.backwards} backward passes were made and no optimiser step."
        fix = "Apply the gradients: optimizer.step() after loss.backward(), or optimizer.apply_gradients."
        yield make("optimizer-step-missing", "critical", message, fix, at=facts.backward_line, no="C5")
    elif facts.steps and facts.backwards and facts.parameters and not changed and not named:
        yield _unchanged(facts, make)
    yield from _not_held(facts, make)
    if facts.watched_graphs >= 24 and facts.live_graphs >= 0.9 * facts.watched_graphs:
        message = f"The graphs of {facts.live_graphs} of the first {facts.watched_graphs} losses are still in memory."
        fix = "Add up loss.item() or loss.detach(), not the loss itself."
        yield make("growing-graph", "warning", message, fix, at=facts.backward_line, no="F12", live=facts.live_graphs)


def _optimizer(facts: Facts, one: OptimizerFacts, make: Maker) -> Iterator[Finding]:
    if one.stale >= 2 and one.stale > 0.5 * one.steps:
        message = (
            f"In {one.stale} of {one.steps} steps the gradients of the step before were still there and were added to."
        )
        yield make(
            "missing-zero-grad", "critical", message, "Call optimizer.zero_grad() before loss.backward().",
            at=one.where, no="C1", stale=one.stale, steps=one.steps,
        )  # fmt: skip
    if one.steps >= 2 and one.without_backward >= one.steps - 1:
        no, id = ("C3", "missing-backward") if not facts.backwards else ("C4", "step-before-backward")
        message = f"{one.without_backward} of {one.steps} optimiser steps had no backward pass before them."
        yield make(id, "critical", message, "Call loss.backward() before optimizer.step().", at=one.where, no=no)
    elif one.zeroed >= 2 and one.zero_gradients >= 2 and not any(norm > 0 for _, norm in facts.gradient_norms):
        message = f"The gradients were set to zero between backward and step, {one.zeroed} times."
        fix = "Call zero_grad before backward, or after step."
        yield make("zero-grad-before-step", "critical", message, fix, at=one.where, no="C2", steps=one.steps)
    if one.steps and one.learning_rates and max(one.learning_rates) == 0.0:
        message = "The learning rate was 0 in every step looked at."
        yield make(
            "zero-learning-rate", "critical", message, "Give the optimiser a positive lr.", at=one.where, no="C14"
        )


def _unchanged(facts: Facts, make: Maker) -> Finding:
    if any(one.held for one in facts.parameters if one.trainable):
        message = f"No parameter of the model changed in {facts.steps} steps."
        fix = "Keep the loss connected to the parameters: no detach, no .item(), no tensor(loss) before backward."
        at = facts.backward_line
        return make("parameters-never-change", "critical", message, fix, at=at, no="C6", steps=facts.steps)
    message = "The optimiser holds none of the parameters of the model that is trained."
    fix = "Create the optimiser after the model, from model.parameters()."
    where = next((one.where for one in reversed(facts.optimizers) if one.steps), None)
    return make("optimizer-bound-to-other-parameters", "critical", message, fix, at=where, no="C9")


def _not_held(facts: Facts, make: Maker) -> Iterator[Finding]:
    trained = [one for one in facts.parameters if one.trainable]
    left = [one.name for one in trained if not one.held and one.gradient and not one.changed]
    if left and len(left) < len(trained) and facts.steps:
        names = ", ".join(left[:3])
        message = f"{len(left)} trainable parameter tensors get gradients and are held by no optimiser: {names}."
        fix = "Pass them to the optimiser, or set requires_grad to False."
        yield make("parameters-not-optimized", "warning", message, fix, no="C10", names=left[:20])
    unused = [one.name for one in trained if one.held and not one.gradient]
    if unused and len(unused) < len(trained) and facts.steps >= 3:
        message = f"{len(unused)} parameter tensors never got a gradient: {', '.join(unused[:3])}."
        fix = "Use these layers in the forward pass, or remove them."
        yield make("parameters-without-gradient", "warning", message, fix, no="C30", names=unused[:20])


def modes(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Training and evaluation mode, where layers depend on it."""
    layers = ", ".join(facts.mode_layers)
    in_eval, in_train = facts.modes.get("trained_in_eval", 0), facts.modes.get("trained_in_train", 0)
    if layers and in_eval >= 2 and in_eval > 0.05 * (in_eval + in_train):
        share = f"{in_eval} of {in_eval + in_train}"
        message = f"{share} training calls seen were in evaluation mode, where {layers} is off or frozen."
        fix = "Call model.train() at the start of every epoch, after evaluating."
        at = facts.backward_line
        yield make("training-in-eval-mode", "warning", message, fix, at=at, no="D1", in_eval=in_eval, in_train=in_train)
    wrong = [one for one in evidence.passes if one.in_train_mode]
    if wrong and layers:
        passes = sum(one.in_train_mode for one in wrong)
        message = f"{passes} evaluation passes ran in training mode, where {layers} changes the outputs."
        fix = "Call model.eval() before evaluating."
        yield make("evaluation-in-train-mode", "warning", message, fix, at=wrong[0].where, no="D2", passes=passes)


def data(evidence: Evidence, make: Maker) -> Iterator[Finding]:
    """Samples that were trained on and evaluated."""
    same = [one for one in evidence.passes if is_trained_on(one) and _distinct(one)]
    mixed = [
        one
        for one in evidence.passes
        if _distinct(one) and not is_trained_on(one) and one.trained_on > 0.1 * one.hashed
    ]
    clean = [one for one in evidence.passes if one not in same and one not in mixed and one.hashed]
    fix = "Split the data once, before training, and keep the parts apart."
    if mixed or (same and not clean):
        worst = max(mixed or same, key=lambda one: one.trained_on / one.hashed)
        message = f"{worst.trained_on} of {worst.hashed} evaluated samples were also trained on."
        yield make(
            "train-test-overlap", "warning", message, fix,
            at=worst.where, no="D11", trained_on=worst.trained_on, evaluated=worst.hashed,
        )  # fmt: skip


def _distinct(one: PassFacts) -> bool:
    """Whether the samples differ enough for equal ones to mean the same sample."""
    return one.hashed >= 8 and one.unique > 0.9 * one.hashed


def probes(evidence: Evidence, make: Maker) -> Iterator[Finding]:
    """What the probes of the trained model showed."""
    independence = evidence.probes.get("independence", {})
    if independence.get("constant") and independence.get("inputs_differ"):
        message = "The trained model gives exactly the same output for every sample of a batch."
        fix = "Let the output depend on the input; a softmax over one unit or dead activations also do this."
        yield make("constant-output", "critical", message, fix, no="B8")
    difference, random = independence.get("difference"), evidence.probes.get("determinism", {}).get("difference", 0.0)
    if number(random) > TOLERANCE:
        message = "In evaluation mode two calls with the same batch differ."
        fix = "Pass training=self.training to functional dropout; ignore this for models that sample."
        yield make("random-in-eval-mode", "warning", message, fix, no="D4", difference=random)
    elif difference is not None and number(difference) > 10 * TOLERANCE:
        message = "A sample's output changes with the other samples of its batch."
        fix = "Check batch_first, and reshapes or reductions that touch axis 0."
        yield make("batch-mixing", "warning", message, fix, no="A4", difference=difference)
    errors = evidence.probes.get("batch-sizes", {}).get("errors") or {}
    if errors:
        message = f"The model fails with another batch size: {one_line(str(next(iter(errors.values()))))}"
        yield make(
            "fixed-batch-size",
            "warning",
            message,
            "Take the batch size from the input's shape.",
            no="A2",
            errors=errors,
        )
