"""Findings about which output is compared with which target: shapes, axes, shifts and padding."""

import math
from typing import Any

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.finding import Maker
from sandbox.findings.losses_figures import Site, differentiated
from sandbox.report import Finding

SAME = 0.999


def broadcast(make: Maker, at: Place, shapes: Any) -> Finding:
    message = f"Predictions and targets of shapes {shapes} are broadcast against each other: each is compared with all."
    fix = "Bring both to the same shape, for example with target.unsqueeze(1) or prediction.squeeze(1)."
    return make("loss-broadcasting", "critical", message, fix, at=at, shapes=shapes)


def shapes_differ(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    """Keras brings (N,) and (N, 1) together by itself, PyTorch does not."""
    if site.kind != "values" or site.last.from_logits is not None:
        return None
    lenient = "keras-weights" in facts.sections and site.function != "difference"
    for one in site.samples:
        given, target = one.input_shape, one.target_shape
        if lenient and (given == [*target, 1] or target == [*given, 1]):
            continue
        if given == target or min(math.prod(given), math.prod(target)) <= 1:
            continue
        together = math.prod(_together(given, target))
        if together > max(math.prod(given), math.prod(target)):
            return broadcast(make, site.where, [given, target])
        if site.trained and site.function != "difference" and given[:1] == target[:1]:
            message = f"Predictions of shape {given} are all compared with the same targets of shape {target}."
            fix = "Give the model one output for each target, or say with expand_as that the target is repeated."
            return make("loss-broadcasting", "warning", message, fix, at=site.where, shapes=[given, target])
    return None


def _together(first: list[int], second: list[int]) -> list[int]:
    """The shape that broadcasting makes of two."""
    rank = max(len(first), len(second))
    padded = [[1] * (rank - len(one)) + one for one in (first, second)]
    return [max(a, b) for a, b in zip(*padded, strict=True)]


def class_axis(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    """The second axis holds the classes for PyTorch's cross-entropy."""
    if site.function not in ("cross_entropy", "nll_loss") or len(site.last.input_shape) < 3:
        return None
    if evidence.raised is not None or not site.all(lambda one: one.linear_axis):
        return None
    shape = site.last.input_shape
    message = (
        f"The cross-entropy takes axis 1 of the output {shape} for the classes; they are on the last one, "
        "which a linear layer made."
    )
    fix = "Pass output.transpose(1, 2), or flatten both: output.flatten(0, 1) and target.flatten()."
    return make("class-axis-not-second", "critical", message, fix, at=site.where, **site.figures())


def scattered_rows(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    told = [one for one in site.samples if one.scattered > 0.2 or one.elsewhere]
    moved = [one for one in site.samples if one.misplaced > 0.5]
    if site.kind == "classes" and site.trained and len(moved) > 0.5 * len(site.samples) and not told:
        message = f"The predictions come in another order than the targets: {moved[-1].misplaced:.0%} are held against "
        message += "the target of another position."
        fix = (
            "Flatten both in the same order: logits.reshape(-1, classes) and targets.reshape(-1), without a transpose."
        )
        return make("loss-rows-scattered", "critical", message, fix, at=site.where, **site.figures("misplaced"))
    if site.kind != "classes" or not told or len(told) < 0.5 * len(site.samples):
        return None
    share = "" if told[-1].elsewhere else f", in {told[-1].scattered:.0%} of the predictions"
    message = f"The classes of one prediction come from several places of the answer{share}: a reshape tore them."
    fix = "Bring the axis of the classes to its place with transpose or permute before you reshape."
    return make("loss-rows-scattered", "critical", message, fix, at=site.where, **site.figures("scattered"))


def target_shift(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    """A model that answers each token with itself; an auto-encoder does so on purpose and needs to learn it."""
    told = [one for one in site.samples if one.shifts and one.tokens >= 3]
    if site.kind != "classes" or not told or len(told) < 0.5 * len(site.samples) or not site.trained:
        return None
    causal = bool(evidence.declared.causal)
    figures = site.figures("shifts", "right", "value")
    if all(one.shifts[0] >= SAME for one in told):
        copied = site.last.right is not None and site.last.right >= SAME
        if not (copied or causal or all(one.decodes for one in told)):
            return None
        message = "Each target is the token that the model is given at the same place, which it only has to copy."
        fix = "Predict the next token: inputs tokens[:, :-1], targets tokens[:, 1:]."
        return make("targets-not-shifted", "critical" if causal else "warning", message, fix, at=site.where, **figures)
    if all(len(one.shifts) > 2 and one.shifts[2] >= SAME and one.shifts[1] < 0.9 for one in told):
        message = "Each target is the token two places later: it was shifted twice."
        fix = "Shift once: either in the data, or where the loss is computed."
        return make(
            "targets-shifted-twice", "critical" if causal else "warning", message, fix, at=site.where, **figures
        )
    return None


def padded_targets(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    told = [one for one in site.samples if one.padding_id is not None]
    if site.kind != "classes" or not site.trained or len(told) < max(1, 0.5 * len(site.samples)):
        return None
    one = told[-1]
    unweighted = one.weight is None or not 0 <= one.padding_id < len(one.weight) or one.weight[one.padding_id] != 0
    if one.reduction in ("none", None) and not _is_plain_mean(site, evidence):
        return None
    if one.masked or one.ignored == one.padding_id or not unweighted:
        return None
    message = (
        f"{one.padding_share:.0%} of the targets are the padding {one.padding_id} at the ends of rows, and count "
        "in the loss."
    )
    fix = f"Leave them out: ignore_index={one.padding_id} in PyTorch, ignore_class or sample weights in Keras."
    return make("padding-in-loss", "warning", message, fix, at=site.where, share=one.padding_share)


def _is_plain_mean(site: Site, evidence: Evidence) -> bool:
    """Whether what is differentiated is the mean over all tokens, so that nothing was left out after the loss."""
    pairs = differentiated(evidence, site)
    return len(pairs) >= 3 and all(math.isclose(value, loss, rel_tol=1e-4) for value, loss in pairs)


ROW_RULES = (shapes_differ, class_axis, scattered_rows, target_shift, padded_targets)
