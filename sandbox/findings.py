"""From evidence to findings: faults with a name, the line, the figures observed, and what to do.

`critical` is kept for what contradicts itself. What merely may be wrong is a warning or information.
"""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from sandbox.evaluation import is_trained_on
from sandbox.evidence import Evidence, Facts, LossCall, OptimizerFacts, PassFacts, Place
from sandbox.report import Finding, Severity
from sandbox.schema import ExecResult
from sandbox.verdict import TOLERANCE

SHAPE_MESSAGES = re.compile(
    r"shapes? cannot be multiplied|size mismatch|must match the size|[Ii]ncompatible shapes?|[Ss]hapes? mismatch"
    r"|is invalid for input of size|expected input.* to have|[Mm]atrix size-incompatible|is incompatible with the layer"
    r"|[Dd]imensions must be equal|Expected \d+D|Expected .*channels|[Ss]izes of tensors must match"
    r"|Calculated padded input size|[Kk]ernel size can't be greater|must be broadcastable|Target size .* input size"
    r"|expected axis|Expected input batch_size|[Aa]rguments `target` and `output` must have|same shape|inhomogeneous shape"
    r"|should be equal to|must have the same|Expected sequence length|[Nn]egative dimension size|input_size|Invalid input shape",
)
MEMORY_MESSAGES = re.compile(
    r"can't allocate memory|out of memory|OOM when allocating|Unable to allocate|std::bad_alloc"
)


def find_faults(evidence: Evidence, result: ExecResult, entry: str) -> list[Finding]:
    """All findings, the worst first."""
    make = Maker(entry)
    facts = evidence.facts
    found = [*ending(evidence, result, make), *numbers(evidence, make)]
    if facts is not None:
        found += [*protocol(evidence, facts, make), *modes(evidence, facts, make), *contracts(facts, make)]
        found += [*data(evidence, make), *told(facts, make)]
    found += probes(evidence, make)
    rank = {"critical": 0, "warning": 1, "info": 2}
    return sorted(found, key=lambda one: rank[one.severity])


class Maker:
    """Makes findings; the entry stands in where no line is known."""

    def __init__(self, entry: str) -> None:
        self.entry = entry

    def __call__(
        self,
        id: str,
        severity: Severity,
        message: str,
        fix: str,
        *,
        at: Place = None,
        no: str | None = None,
        **figures: Any,
    ) -> Finding:
        file, line = at or (self.entry, None)
        return Finding(
            id=id, catalogue=no, severity=severity, file=file, line=line, message=message, evidence=figures, fix=fix
        )


def ending(evidence: Evidence, result: ExecResult, make: Maker) -> Iterator[Finding]:
    """Why the program did not come to its end."""
    raised = evidence.raised
    if result.status == "timeout":
        steps = evidence.steps
        message = result.reason or f"The program ran out of time after {steps} steps."
        yield make("timeout", "critical", message, "Train for fewer steps, or allow more time.", steps=steps)
    elif result.status == "out_of_memory" or (raised and is_out_of_memory(raised.type, raised.message)):
        message = result.reason or (raised.message if raised else "The program ran out of memory.")
        fix = "Use a smaller batch or model, or accumulate gradients over smaller batches."
        yield make("out-of-memory", "critical", _line(message), fix, at=_raised_at(evidence))
    elif raised is not None:
        yield from _exception(evidence, make)
    elif result.status == "ok" and not evidence.ended:
        message = "The program ended itself before its last line, so nothing vouches for what it did."
        yield make("exited-early", "critical", message, "Let the script run to its end; do not call os._exit.")
    elif result.status != "ok":
        message = result.reason or f"The program ended with exit status {result.exit_code}."
        yield make("crash", "critical", message, "See the end of its error output.", exit_code=result.exit_code)


def _exception(evidence: Evidence, make: Maker) -> Iterator[Finding]:
    raised = evidence.raised
    assert raised is not None
    at, told = _raised_at(evidence), f"{raised.type}: {_line(raised.message)}"
    figures = {"exception": raised.type, "stage": raised.stage, "step": raised.steps}
    if raised.type in ("SyntaxError", "IndentationError", "TabError"):
        yield make("syntax-error", "critical", told, "Correct the syntax on this line.", at=at)
    elif raised.type in ("ModuleNotFoundError", "ImportError"):
        fix = f"Install {raised.missing!r}, or do without it." if raised.missing else "Correct the import."
        yield make("missing-import", "critical", told, fix, at=at, missing=raised.missing)
    elif "between 0 and 1" in raised.message:
        fix = "Use BCEWithLogitsLoss on the logits, or apply a sigmoid before BCELoss."
        yield make(
            "logits-into-bce",
            "critical",
            f"BCELoss was given values that are no probabilities ({told}).",
            fix,
            at=at,
            no="B5",
        )
    elif SHAPE_MESSAGES.search(raised.message):
        yield make(
            "shape-mismatch", "critical", told, "Make the two shapes agree on this line.", at=at, no="A1", **figures
        )
    else:
        yield make("crash", "critical", told, "Mend what this line raises.", at=at, **figures)


def is_out_of_memory(type: str, message: str) -> bool:
    return type in ("MemoryError", "ResourceExhaustedError", "OutOfMemoryError") or bool(
        MEMORY_MESSAGES.search(message)
    )


def numbers(evidence: Evidence, make: Maker) -> Iterator[Finding]:
    bad = next((entry for entry in evidence.losses if not math.isfinite(entry[1])), None)
    if bad is not None:
        fix = "Lower the learning rate, clip the gradients, and keep log, sqrt and division away from zero."
        message = f"The loss is {bad[1]} from step {bad[0]} on."
        yield make("non-finite-loss", "critical", message, fix, step=bad[0])
    elif evidence.facts is not None and evidence.facts.nonfinite_gradients > 2:
        count = evidence.facts.nonfinite_gradients
        message = f"Gradients were NaN or infinite in {count} of the sampled steps."
        yield make(
            "non-finite-gradients", "warning", message, "Clip the gradients and lower the learning rate.", count=count
        )


def protocol(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """The order zero, forward, backward, step, and whether it reaches the parameters."""
    for optimizer in facts.optimizers:
        yield from _optimizer(facts, optimizer, make)
    changed = any(one.changed for one in facts.parameters)
    if facts.backwards and not facts.steps and facts.optimizers:
        message = f"{facts.backwards} backward passes were made and no optimiser step."
        yield make(
            "optimizer-step-missing", "critical", message, "Call optimizer.step() after loss.backward().", no="C5"
        )
    elif facts.steps and facts.backwards and facts.parameters and not changed:
        yield _unchanged(facts, make)
    yield from _not_held(facts, make)
    if facts.watched_graphs >= 24 and facts.live_graphs >= 0.9 * facts.watched_graphs:
        message = f"The graphs of {facts.live_graphs} of the first {facts.watched_graphs} losses are still in memory."
        fix = "Add up loss.item() or loss.detach(), not the loss itself."
        yield make("growing-graph", "warning", message, fix, no="F12", live=facts.live_graphs)


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
    elif one.zero_gradients >= 2 and facts.gradient_norms and not any(norm > 0 for _, norm in facts.gradient_norms):
        message = "Every gradient was zero or missing when the optimiser stepped."
        fix = "Do not call zero_grad between backward and step, and keep the loss connected to the parameters."
        yield make("zero-gradients", "critical", message, fix, at=one.where, no="C2", steps=one.steps)
    if one.steps and one.learning_rates and max(one.learning_rates) == 0.0:
        message = "The learning rate was 0 in every step looked at."
        yield make(
            "zero-learning-rate", "critical", message, "Give the optimiser a positive lr.", at=one.where, no="C14"
        )


def _unchanged(facts: Facts, make: Maker) -> Finding:
    if any(one.held for one in facts.parameters if one.trainable):
        message = f"No parameter of the model changed in {facts.steps} steps."
        fix = "Keep the loss connected to the parameters: no detach, no .item(), no tensor(loss) before backward."
        return make("parameters-never-change", "critical", message, fix, no="C6", steps=facts.steps)
    message = "The optimiser holds none of the parameters of the model that is trained."
    fix = "Create the optimiser after the model, from model.parameters()."
    where = next((one.where for one in facts.optimizers if one.steps), None)
    return make("optimizer-bound-to-other-parameters", "critical", message, fix, at=where, no="C9")


def _not_held(facts: Facts, make: Maker) -> Iterator[Finding]:
    trained = [one for one in facts.parameters if one.trainable]
    left = [one.name for one in trained if not one.held and one.gradient and not one.changed]
    if left and len(left) < len(trained) and facts.steps:
        message = f"{len(left)} trainable parameter tensors get gradients and are held by no optimiser: {', '.join(left[:3])}."
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
        message = (
            f"{in_eval} of {in_eval + in_train} training steps ran in evaluation mode, where {layers} is off or frozen."
        )
        fix = "Call model.train() at the start of every epoch, after evaluating."
        yield make("training-in-eval-mode", "warning", message, fix, no="D1", in_eval=in_eval, in_train=in_train)
    wrong = [one for one in evidence.passes if one.in_train_mode]
    if wrong and layers:
        passes = sum(one.in_train_mode for one in wrong)
        message = f"{passes} evaluation passes ran in training mode, where {layers} changes the outputs."
        fix = "Call model.eval() before evaluating."
        yield make("evaluation-in-train-mode", "warning", message, fix, at=wrong[0].where, no="D2", passes=passes)


def contracts(facts: Facts, make: Maker) -> Iterator[Finding]:
    """What the loss functions were given against what they expect."""
    for call in facts.loss_calls:
        for rule in LOSS_RULES:
            found = rule(call, make)
            if found is not None:
                yield found
    outer = facts.notes.get("outer-difference")
    if outer is not None:
        yield _broadcast(make, outer.where, (outer.model_extra or {}).get("shapes"))


def _broadcast(make: Maker, at: Place, shapes: Any) -> Finding:
    message = f"Predictions and targets of shapes {shapes} are broadcast against each other: each is compared with all."
    fix = "Bring both to the same shape, for example with target.unsqueeze(1) or prediction.squeeze(1)."
    return make("loss-broadcasting", "critical", message, fix, at=at, no="A10", shapes=shapes)


def _shapes_differ(call: LossCall, make: Maker) -> Finding | None:
    if call.function not in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"):
        return None
    for figures in call.sampled:
        given, target = figures.get("input_shape", []), figures.get("target_shape", [])
        if given != target and math.prod(given) == math.prod(target) and math.prod(given) > 1:
            return _broadcast(make, call.where, [given, target])
    return None


def _probabilities_into_cross_entropy(call: LossCall, make: Maker) -> Finding | None:
    if call.function != "cross_entropy" or not _all(call, _are_probabilities):
        return None
    message = "CrossEntropyLoss was given probabilities: it applies log-softmax itself, so the gradients shrink."
    fix = "Return the logits and leave the softmax out of the model."
    return make("softmax-before-cross-entropy", "critical", message, fix, at=call.where, no="B1", **_last(call))


def _log_probabilities_into_cross_entropy(call: LossCall, make: Maker) -> Finding | None:
    if call.function != "cross_entropy" or not _all(
        call, lambda one: _logsumexp(one) < 1e-4 and one.get("classes", 0) > 1
    ):
        return None
    message = "CrossEntropyLoss was given log-probabilities; that is harmless, and done twice."
    return make(
        "log-softmax-before-cross-entropy",
        "info",
        message,
        "Use NLLLoss, or return the logits.",
        at=call.where,
        no="B2",
    )


def _logits_into_nll(call: LossCall, make: Maker) -> Finding | None:
    if call.function != "nll_loss" or not _all(call, lambda one: _logsumexp(one) > 1e-2 and one.get("classes", 0) > 1):
        return None
    message = "NLLLoss was given values that are no log-probabilities."
    fix = "Apply log_softmax first, or use CrossEntropyLoss on the logits."
    return make("logits-into-nll", "critical", message, fix, at=call.where, no="B3", **_last(call))


def _sigmoid_before_logits_loss(call: LossCall, make: Maker) -> Finding | None:
    if call.function != "binary_cross_entropy_with_logits":
        return None
    made = [one for one in call.sampled if one.get("made_by") in ("Sigmoid", "Softmax")]
    if not made or len(made) < len(call.sampled):
        return None
    message = "BCEWithLogitsLoss was given the output of a sigmoid, and applies a second one."
    return make(
        "sigmoid-before-bce-with-logits", "critical", message, "Return the logits, or use BCELoss.",
        at=call.where, no="B4", **_last(call),
    )  # fmt: skip


def _keras_logits(call: LossCall, make: Maker) -> Finding | None:
    """Keras losses name what they were told (from_logits) and the observer what the model answered."""
    if not call.function.startswith("keras:") or not call.sampled:
        return None
    told, answered = call.sampled[-1].get("from_logits"), call.sampled[-1].get("answers")
    if told is False and answered == "logits":
        no, id = "B6", "logits-without-from-logits"
        message, fix = (
            "The loss expects probabilities, and the model answers logits.",
            "Pass from_logits=True to the loss.",
        )
    elif told is True and answered == "probabilities":
        no, id = "B7", "probabilities-with-from-logits"
        message = "The loss applies softmax or sigmoid itself, and the model answers probabilities."
        fix = "Leave the activation out of the last layer, or drop from_logits=True."
    else:
        return None
    return make(id, "critical", message, fix, at=call.where, no=no, **_last(call))


LOSS_RULES: tuple[Callable[[LossCall, Maker], Finding | None], ...] = (
    _shapes_differ,
    _probabilities_into_cross_entropy,
    _log_probabilities_into_cross_entropy,
    _logits_into_nll,
    _sigmoid_before_logits_loss,
    _keras_logits,
)


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


def told(facts: Facts, make: Maker) -> Iterator[Finding]:
    """What the framework itself warned of."""
    for warning in facts.warnings:
        text = str(warning.get("message", ""))
        for pattern, (id, no, severity, fix) in WARNINGS.items():
            if re.search(pattern, text):
                file, line = warning.get("file"), warning.get("line")
                at = (file, line) if isinstance(file, str) and isinstance(line, int) else None
                yield make(id, severity, _line(text), fix, at=at, no=no)
                break


WARNINGS: dict[str, tuple[str, str, Severity, str]] = {
    r"conditioned on metric|can save best model only with": (
        "monitor-not-available", "F6", "critical", "Monitor a name that is logged, such as 'val_loss', and pass validation data.",
    ),
    r"lr_scheduler\.step\(\)` before `optimizer\.step": (
        "scheduler-before-optimizer", "C23", "warning", "Call scheduler.step() after optimizer.step().",
    ),
    r"Implicit dimension choice": ("implicit-softmax-dimension", "A6", "warning", "Pass dim to softmax."),
    r"Gradients do not exist": (
        "parameters-without-gradient", "K13", "warning", "Use these variables inside the tape, or leave them out.",
    ),
    r"ran out of data": ("data-exhausted", "K19", "warning", "Repeat the dataset, or give fewer steps_per_epoch."),
}  # fmt: skip


def probes(evidence: Evidence, make: Maker) -> Iterator[Finding]:
    """What the probes of the trained model showed."""
    independence = evidence.probes.get("independence", {})
    if independence.get("constant") and independence.get("inputs_differ"):
        message = "The trained model gives exactly the same output for every sample of a batch."
        fix = "Let the output depend on the input; a softmax over one unit or dead activations also do this."
        yield make("constant-output", "critical", message, fix, no="B8")
    difference, random = independence.get("difference"), evidence.probes.get("determinism", {}).get("difference", 0.0)
    if _number(random) > TOLERANCE:
        message = "In evaluation mode two calls with the same batch differ."
        fix = "Pass training=self.training to functional dropout; ignore this for models that sample."
        yield make("random-in-eval-mode", "warning", message, fix, no="D4", difference=random)
    elif difference is not None and _number(difference) > 10 * TOLERANCE:
        message = "A sample's output changes with the other samples of its batch."
        fix = "Check batch_first, and reshapes or reductions that touch axis 0."
        yield make("batch-mixing", "warning", message, fix, no="A4", difference=difference)
    errors = evidence.probes.get("batch-sizes", {}).get("errors") or {}
    if errors:
        message = f"The model fails with another batch size: {_line(str(next(iter(errors.values()))))}"
        yield make(
            "fixed-batch-size",
            "warning",
            message,
            "Take the batch size from the input's shape.",
            no="A2",
            errors=errors,
        )


def _are_probabilities(figures: dict[str, Any]) -> bool:
    inside = _number(figures.get("min"), -1.0) >= 0.0 and _number(figures.get("max"), 2.0) <= 1.0 + 1e-6
    return inside and _number(figures.get("sum_error"), 1.0) < 1e-3 and figures.get("classes", 0) > 1


def _logsumexp(figures: dict[str, Any]) -> float:
    return _number(figures.get("logsumexp"), math.nan)


def _all(call: LossCall, holds: Callable[[dict[str, Any]], bool]) -> bool:
    return bool(call.sampled) and all(holds(figures) for figures in call.sampled)


def _last(call: LossCall) -> dict[str, Any]:
    return {"calls": call.calls} | call.sampled[-1]


def _number(value: Any, otherwise: float = 0.0) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return otherwise


def _raised_at(evidence: Evidence) -> Place:
    raised = evidence.raised
    return (raised.file, raised.line) if raised and raised.file and raised.line else None


def _line(text: str) -> str:
    lines = [line.strip() for line in text.strip().split("\n") if line.strip()]
    return " ".join(lines[:2])[:400]
