"""Findings about loss functions: what they were given against what they expect."""

import math
from collections.abc import Callable, Iterator
from typing import Any

from sandbox.evidence import Evidence, Facts, LossCall, Place
from sandbox.findings.finding import Maker, number
from sandbox.report import Finding


def contracts(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
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
    return make("loss-broadcasting", "critical", message, fix, at=at, shapes=shapes)


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
    return make("softmax-before-cross-entropy", "critical", message, fix, at=call.where, **_last(call))


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
    )


def _logits_into_nll(call: LossCall, make: Maker) -> Finding | None:
    if call.function != "nll_loss" or not _all(call, lambda one: _logsumexp(one) > 1e-2 and one.get("classes", 0) > 1):
        return None
    message = "NLLLoss was given values that are no log-probabilities."
    fix = "Apply log_softmax first, or use CrossEntropyLoss on the logits."
    return make("logits-into-nll", "critical", message, fix, at=call.where, **_last(call))


def _sigmoid_before_logits_loss(call: LossCall, make: Maker) -> Finding | None:
    if call.function != "binary_cross_entropy_with_logits":
        return None
    made = [one for one in call.sampled if one.get("made_by") in ("Sigmoid", "Softmax")]
    if not made or len(made) < len(call.sampled):
        return None
    message = "BCEWithLogitsLoss was given the output of a sigmoid, and applies a second one."
    return make(
        "sigmoid-before-bce-with-logits", "critical", message, "Return the logits, or use BCELoss.",
        at=call.where, **_last(call),
    )  # fmt: skip


def _keras_logits(call: LossCall, make: Maker) -> Finding | None:
    """Keras losses name what they were told (from_logits) and the observer what the model answered."""
    if not call.function.startswith("keras:") or not call.sampled:
        return None
    told, answered = call.sampled[-1].get("from_logits"), call.sampled[-1].get("answers")
    if told is False and answered == "logits":
        id = "logits-without-from-logits"
        message, fix = (
            "The loss expects probabilities, and the model answers logits.",
            "Pass from_logits=True to the loss.",
        )
    elif told is True and answered == "probabilities":
        id = "probabilities-with-from-logits"
        message = "The loss applies softmax or sigmoid itself, and the model answers probabilities."
        fix = "Leave the activation out of the last layer, or drop from_logits=True."
    else:
        return None
    return make(id, "critical", message, fix, at=call.where, **_last(call))


LOSS_RULES: tuple[Callable[[LossCall, Maker], Finding | None], ...] = (
    _shapes_differ,
    _probabilities_into_cross_entropy,
    _log_probabilities_into_cross_entropy,
    _logits_into_nll,
    _sigmoid_before_logits_loss,
    _keras_logits,
)


def _are_probabilities(figures: dict[str, Any]) -> bool:
    inside = number(figures.get("min"), -1.0) >= 0.0 and number(figures.get("max"), 2.0) <= 1.0 + 1e-6
    return inside and number(figures.get("sum_error"), 1.0) < 1e-3 and figures.get("classes", 0) > 1


def _logsumexp(figures: dict[str, Any]) -> float:
    return number(figures.get("logsumexp"), math.nan)


def _all(call: LossCall, holds: Callable[[dict[str, Any]], bool]) -> bool:
    return bool(call.sampled) and all(holds(figures) for figures in call.sampled)


def _last(call: LossCall) -> dict[str, Any]:
    return {"calls": call.calls} | call.sampled[-1]
