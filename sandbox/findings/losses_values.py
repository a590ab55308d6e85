"""Findings about the value of a loss: its sign, its scale, where it starts, and who carries the gradient."""

import math
from statistics import median

from sandbox.evidence import Evidence, Facts
from sandbox.findings.finding import Maker
from sandbox.findings.losses_figures import Site, differentiated, with_loss
from sandbox.report import Finding

SYMMETRIC = (
    "mse_loss",
    "l1_loss",
    "smooth_l1_loss",
    "huber_loss",
    "mean_squared_error",
    "mean_absolute_error",
    "huber",
)
OPPOSITE = -0.15
"""Correlation of outputs and targets from which they are the opposite of each other."""
MICRO_BATCHES = 16
"""Most parts of a batch whose losses are divided by their number."""
LARGE_STEP = 1.0
"""Learning rate times batch size from which a summed loss makes plain gradient descent jump."""


def maximised(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    """A loss that cannot be negative, and of which the negative is differentiated; all others are too."""
    pairs = [(value, loss) for value, loss in differentiated(evidence, site) if value > 0]
    fix = "Differentiate the loss itself, and let the optimiser make it smaller."
    flipped = (
        len(pairs) >= 3 and all(loss < 0 for _, loss in pairs) and not any(loss > 0 for _, loss, _ in evidence.losses)
    )
    if site.kind in ("classes", "binary", "values") and site.function != "difference" and flipped:
        message = f"The negative of {site.function} is differentiated, so that training makes it larger."
        figures = {"values": [round(pairs[0][0], 4), round(pairs[-1][0], 4)]}
        return make("loss-maximised", "critical", message, fix, at=site.where, **figures)
    up = [one for one in facts.optimizers if one.steps and 1.0 in one.options.get("maximize", [])]
    if up and len(up) == len(facts.optimizers) and len(pairs) >= 3 and all(loss > 0 for _, loss in pairs):
        message = "The optimiser was made with maximize=True, so that training makes the loss larger."
        return make("loss-maximised", "critical", message, "Leave maximize out.", at=up[0].where)
    return _running_away(site, evidence, make, fix) or _turned_away(site, evidence, make)


def _running_away(site: Site, evidence: Evidence, make: Maker, fix: str) -> Finding | None:
    """The loss falls while the predictions move away from the targets."""
    told = [one for one in site.samples if one.distance is not None and one.target_range and one.carries != "off"]
    if len(told) < 6 or len(evidence.losses) < 6 or len({where for _, _, where in evidence.losses}) > 1:
        return None
    third = len(told) // 3
    first, last = _mean([one.distance for one in told[:third]]), _mean([one.distance for one in told[-third:]])
    wide = max(one.target_range for one in told)
    losses = [loss for _, loss, _ in evidence.losses if math.isfinite(loss)]
    part = max(1, len(losses) // 3)
    falls = losses[part:] and _mean(losses[-part:]) < min(_mean(losses[:part]), 0)
    if not falls or last < 3 * first or last < 2 * wide:
        return None
    message = (
        f"The loss falls below zero while the predictions move away from the targets: from {first:.3g} to {last:.3g} "
        f"on average, where the targets span {wide:.3g}."
    )
    severity = "warning" if site.kind == "custom" else "critical"
    return make("loss-maximised", severity, message, fix, at=site.where, distances=[first, last])


def _turned_away(site: Site, evidence: Evidence, make: Maker) -> Finding | None:
    """A score of the program's own that falls, while the answers become the opposite of what is right."""
    told = [one.agreement for one in site.samples if one.agreement is not None and one.carries != "off"]
    losses = [loss for _, loss, _ in evidence.losses if math.isfinite(loss)]
    if site.kind != "custom" or len(told) < 6 or len(losses) < 6:
        return None
    third, part = len(told) // 3, len(losses) // 3
    first, last = _mean(told[:third]), _mean(told[-third:])
    if last > OPPOSITE or last > first - 0.1 or _mean(losses[-part:]) >= _mean(losses[:part]):
        return None
    message = (
        f"{site.function} falls, and the outputs become the opposite of the targets: their correlation went from "
        f"{first:.2f} to {last:.2f}."
    )
    fix = "Where it is a score that should rise, such as an overlap or R2, train on 1 minus the score."
    return make("loss-maximised", "critical", message, fix, at=site.where, agreement=[first, last])


def swapped(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    if site.function in SYMMETRIC or site.function == "difference" or site.kind == "custom":
        return None
    if not site.all(lambda one: one.carries == "target" or one.swapped):
        return None
    message = "The loss was given the targets as predictions and the predictions as targets."
    fix = "PyTorch's losses take (prediction, target), those of Keras (y_true, y_pred)."
    # The divergence in the other direction is another loss, which a few methods mean.
    severity = "warning" if site.kind == "divergence" else "critical"
    return make("loss-arguments-swapped", severity, message, fix, at=site.where, **site.figures("carries"))


def summed(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    """Adam divides the scale out again, unless gradients are clipped before."""
    if not site.trained or site.last.input_shape[:1] < [16] or not _is_summed(site, evidence):
        return None
    rows, rates = site.last.input_shape[0], [rate for one in facts.optimizers for rate in one.learning_rates]
    plain = any(one.steps and "SGD" in (one.name, *one.family) for one in facts.optimizers)
    loud = (plain and max(rates, default=0) * rows >= LARGE_STEP) or (site.kind == "classes" and not plain)
    message = f"The loss is summed over the {rows} samples of a batch, which makes its gradients {rows} times as large."
    fix = 'Use reduction="mean", or divide the learning rate (and any clipping limit) accordingly.'
    severity = "warning" if loud else "info"
    return make("summed-loss", severity, message, fix, at=site.where, rows=rows, learning_rates=rates[:4])


def _is_summed(site: Site, evidence: Evidence) -> bool:
    """By the loss itself, whose sum a few micro-batches may divide, or by the program, which was given all terms."""
    shares = [loss / value for value, loss in differentiated(evidence, site) if value]
    if len(shares) < 3:
        return False
    if site.last.reduction == "sum":
        parts = round(1 / median(shares)) if median(shares) else 0
        exact = sum(math.isclose(one * parts, 1, rel_tol=0.01) for one in shares)
        # In one trace of several parts, the loss of the last is differentiated last, and the values of all are told.
        return exact == len(shares) if parts == 1 else 1 < parts <= MICRO_BATCHES and exact >= max(3, 0.2 * len(shares))
    if site.last.reduction not in ("none", None):
        return False
    told = [(one.input_shape, loss / one.value) for one, loss in with_loss(evidence, site) if one.value]
    return all(
        any(math.isclose(share, terms, rel_tol=1e-3) for terms in {math.prod(shape), math.prod(shape[:-1])})
        for shape, share in told
    )


def first_loss(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    """A classifier that knows nothing and is sure of nothing has a cross-entropy of ln C."""
    one = site.samples[0]
    fresh = (
        one.call == 1 and one.step == 0 and site.trained and one.reduction in ("mean", "none", "sum_over_batch_size")
    )
    categorical = site.kind == "classes" and one.classes >= 2 and one.weight is None and one.value is not None
    if not fresh or not categorical or one.value < 4 * math.log(one.classes) + 3:
        return None
    guess = math.log(one.classes)
    message = f"The first loss is {one.value:.3g}, where guessing among {one.classes} classes has {guess:.3g}."
    fix = "Check the scale of the initial weights and of the inputs: the logits start far too large."
    return make("first-loss-too-large", "warning", message, fix, at=site.where, loss=one.value, classes=one.classes)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


VALUE_RULES = (swapped, maximised, summed, first_loss)
