"""Findings about targets: what they are against what the loss and the output can be."""

import math

from sandbox.evidence import Evidence, Facts
from sandbox.findings.finding import Maker
from sandbox.findings.losses_figures import Figures, Site
from sandbox.report import Finding

LEAST_SHARE = 0.02
"""Share of the targets that must be out of reach before it is told."""
MOST_CLASSES = 64
PIXELS = 16
"""Values of one target from which on whole numbers are those of a picture."""
LARGEST_DIVIDED = 0.1
PILED = 0.03
"""Share of the outputs that are the smallest (or largest) one, above which that is an end and no chance."""
RARE = 0.1
BALANCED = 0.15
"""The rarest of some classes is at least so frequent, relative to the most frequent; counts have longer tails."""


def out_of_reach(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    if site.kind not in ("values", "custom") or not site.trained:
        return None
    known = _reach(site) if site.kind == "values" else None
    reach = known or _piled(site)
    if reach is None:
        return None
    name, share = reach
    if share < LEAST_SHARE:
        return None
    message = f"{share:.0%} of the targets are outside of what the output can be: it comes out of {name}."
    fix = "Leave the last activation out, or scale the targets to its range."
    figures = site.figures("min", "max", "target_min", "target_max", "made_by")
    severity = "critical" if share >= 0.1 and known else "warning"
    return make("bounded-output", severity, message, fix, at=site.where, share=round(share, 3), **figures)


def _reach(site: Site) -> tuple[str, float] | None:
    """The last activation and the share of the targets that it cannot answer."""
    shares = {
        "Relu": _mean(site, lambda one: one.below_zero),
        "Sigmoid": _mean(site, lambda one: one.below_zero + one.above_one),
        "Softmax": _mean(site, lambda one: one.below_zero + one.above_one),
        "Softplus": _mean(site, lambda one: one.below_zero),
        "Tanh": _mean(site, lambda one: one.beyond_one),
    }
    for name, share in shares.items():
        if site.all(lambda one, name=name: one.made_by == name):
            return name, share
    unknown = site.all(lambda one: one.made_by is None)
    if unknown and site.all(lambda one: one.min == 0) and _mean(site, lambda one: one.zeros) > 0.01:
        return "a ReLU, as its zeros show", shares["Relu"]
    return None


def _piled(site: Site) -> tuple[str, float] | None:
    """Outputs that end at one and the same number in call after call, whatever activation and scaling put it there."""
    several = len(site.samples) >= 6 and site.last.input_shape[:1] >= [8]
    if site.all(lambda one: one.integral) or (site.kind == "custom" and site.all(lambda one: one.target_integral)):
        return None
    for bound, at, beyond in (("min", "at_min", "under_min"), ("max", "at_max", "over_max")):
        piled = [one for one in site.samples if getattr(one, at) >= PILED]
        ends = {getattr(one, bound) for one in piled}
        if several and len(ends) == 1 and len(piled) >= 0.7 * len(site.samples):
            return f"something that ends at {ends.pop():.3g}", _mean(site, lambda one, name=beyond: getattr(one, name))
    return None


def _mean(site: Site, figure: object) -> float:
    return sum(figure(one) for one in site.samples) / len(site.samples)  # type: ignore[operator]


def outside_of_binary(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    if site.kind != "binary" or site.last.swapped or site.last.carries == "target":
        return None
    low, high = min(one.target_min for one in site.samples), max(one.target_max for one in site.samples)
    if (low >= 0 and high <= 1) or math.isnan(low):
        return _hardly_ever_one(site, high, make)
    labels = site.all(lambda one: one.target_integral) and high - low <= 2
    message = f"A binary cross-entropy was given targets from {low:g} to {high:g}; it needs 0 to 1."
    fix = "Make the labels 0 and 1." if labels else "Scale the targets to 0 to 1, or use a loss for values such as MSE."
    return make(
        "targets-outside-of-binary", "critical", message, fix,
        at=site.where, no=number_outside(site), **site.figures("target_min", "target_max"),
    )  # fmt: skip


def number_outside(site: Site) -> str:
    """The entry for targets of a binary loss outside of 0 to 1: labels, pixels that nothing has scaled, or values."""
    low, high = min(one.target_min for one in site.samples), max(one.target_max for one in site.samples)
    integral = site.all(lambda one: one.target_integral)
    if integral and high - low <= 2:
        return "B18"
    pixels = integral and low >= 0 and site.all(lambda one: math.prod(one.target_shape[1:]) >= PIXELS)
    return "D15" if pixels or site.all(lambda one: one.of_input) else "B12"


def _hardly_ever_one(site: Site, high: float, make: Maker) -> Finding | None:
    """Labels of 0 and 1 that were divided by what the pixels are divided by."""
    same = site.all(lambda one: one.target_min == 0 and one.target_max == high and not one.target_integral)
    if len(site.samples) < 4 or not same or high > LARGEST_DIVIDED:
        return None
    message = f"The targets of a binary cross-entropy go from 0 to {high:.4g} in each batch: labels that were divided."
    fix = "Keep masks and labels at 0 and 1, and scale the inputs alone."
    return make("labels-degenerate", "warning", message, fix, at=site.where, **site.figures("target_min", "target_max"))


def regression_on_classes(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    if site.kind != "values" or not site.trained:
        return None
    figures = site.figures("target_min", "target_max")
    fix = "Use a cross-entropy on one logit for each class (a binary one for two classes)."
    if site.all(lambda one: one.one_hot and one.target_shape == one.input_shape) and site.last.classes >= 2:
        message = f"{_loss(site)} is computed on one-hot labels of {site.last.classes} classes."
        return make("regression-loss-on-classes", "warning", message, fix, at=site.where, **figures)
    single = site.all(lambda one: one.classes == 1 or len(one.input_shape) == 1)
    if not single or not site.all(lambda one: one.target_integral and one.target_min >= 0):
        return None
    counts = site.counts
    mixed = sum(sum(count > 0 for count in one.counts) > 1 for one in site.samples) > 0.5 * len(site.samples)
    if not 2 <= len(counts) <= MOST_CLASSES or not mixed or min(counts) < max(1, BALANCED * max(counts)):
        return None
    if sum(counts) < 10 * len(counts):
        return None
    message = f"{_loss(site)} is computed on {len(counts)} labels, as if class 2 lay between class 1 and class 3."
    if len(counts) == 2:
        message = f"{_loss(site)} is computed on labels that are 0 or 1."
    return make("regression-loss-on-classes", "warning", message, fix, at=site.where, counts=counts, **figures)


def _loss(site: Site) -> str:
    return {"mse_loss": "MSE", "l1_loss": "The absolute error", "difference": "The difference"}.get(
        site.function, site.function
    )


def not_a_distribution(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    """Targets of a categorical loss that have the shape of its output, and do not sum to 1."""
    alike = site.all(lambda one: one.target_shape == one.input_shape and one.classes > 1)
    if site.kind != "classes" or not alike or "float" not in site.last.target_dtype:
        return None
    if not site.all(lambda one: one.target_sum_error > 1e-2):
        return None
    figures = site.figures("target_min", "target_max", "target_sum_error")
    if site.all(lambda one: one.target_min >= 0 and one.target_max <= 1):
        message = "A categorical cross-entropy was given samples of several classes, which then share one probability."
        fix = "Use BCEWithLogitsLoss or BinaryCrossentropy where a sample may have several classes."
        return make("sigmoid-with-categorical-loss", "warning", message, fix, at=site.where, **figures)
    message = "A categorical cross-entropy was given targets that are no probabilities."
    fix = "Use a loss for values, such as MSE, or give class labels."
    return make("classification-loss-on-values", "critical", message, fix, at=site.where, **figures)


def fractional_classes(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    """Class labels with fractions, which the loss cuts off: most of them become class 0."""
    sparse = site.kind == "classes" and "sparse" in site.function.lower() and site.last.classes > 1
    if not sparse or math.isnan(site.last.target_max) or site.all(lambda one: one.target_integral):
        return None
    low, high = min(one.target_min for one in site.samples), max(one.target_max for one in site.samples)
    message = (
        f"A loss on class labels was given fractions, from {low:.4g} to {high:.4g}, and cuts them to whole numbers."
    )
    fix = "Keep class labels as whole numbers, and scale the inputs alone."
    return make(
        "labels-degenerate", "critical", message, fix, at=site.where, **site.figures("target_min", "target_max")
    )


def label_range(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    """Outputs that no label ever asks for."""
    counts, classes, last = site.counts, site.last.classes, site.last
    if site.kind != "classes" or not site.trained or classes < 3 or len(counts) > classes or last.shifts:
        return None
    if len(site.samples) < 6 or (last.target_shape == last.input_shape and not last.one_hot):
        return None
    seen = [label for label, count in enumerate(counts) if count]
    if len(seen) < 2 or seen[0] > 1 or seen != list(range(seen[0], seen[-1] + 1)) or seen == list(range(classes)):
        return None
    if not (_some_missing(site, seen) or _most_missing(site, seen)):
        return None
    message = f"The labels go from {seen[0]} to {seen[-1]}, and the output has {classes} classes, 0 to {classes - 1}."
    fix = "Number the labels from 0, and give the output as many classes as there are labels."
    return make("label-range", "warning", message, fix, at=site.where, labels=[seen[0], seen[-1]], classes=classes)


def _some_missing(site: Site, seen: list[int]) -> bool:
    """With few classes, of which so many samples should have shown all."""
    counts, classes = site.counts, site.last.classes
    if classes > MOST_CLASSES or len(_label_shape(site)) > 2 or sum(counts) < 30 * classes:
        return False
    if site.last.one_hot and min(counts[label] for label in seen) < RARE * sum(counts) / len(seen):
        return False  # letters and the like, of which the rarest may be still to come
    least = (0.3 if len(_label_shape(site)) == 1 else 0.5) * classes
    return _labels_a_batch(site) >= 0.5 * len(seen) and not (seen[0] == 0 and seen[-1] < least)


def _most_missing(site: Site, seen: list[int]) -> bool:
    """Less than half of the classes, each of which is in every batch; tokens of a vocabulary are another matter."""
    counts, tokens = site.counts, len(_label_shape(site)) == 2
    common = min(counts[label] for label in seen) >= max(30, 0.01 * sum(counts))
    return not tokens and common and 2 * len(seen) <= site.last.classes and _labels_a_batch(site) == len(seen)


def _labels_a_batch(site: Site) -> int:
    return min(len(one.counts) - one.counts.count(0) for one in site.samples[:-1] or site.samples)


def _label_shape(site: Site) -> list[int]:
    """The shape of the targets without the axis of one-hot classes, or of one column."""
    shape = site.last.target_shape
    column = site.last.one_hot or (len(shape) == 2 and shape[1] == 1)
    return shape[:-1] if column else shape


def decisions(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    """A loss of what was rounded or chosen has no gradient."""
    cut = site.all(lambda one: one.carries in ("neither", "target") or one.made_by in DECIDING)
    raised = evidence.raised is not None and any(text in evidence.raised.message for text in NO_GRADIENT)
    idle = bool(facts.parameters) and not any(one.changed for one in facts.parameters)
    known = site.last.made_by in DECIDING
    if not (cut and site.all(_is_decision) and (raised or idle or known)):
        return None
    message = "The loss is computed on decisions (argmax, rounding or a threshold), through which no gradient flows."
    fix = "Compute the loss on the logits or probabilities, and take decisions for metrics only."
    return make("loss-of-decisions", "critical", message, fix, at=site.where, **site.figures("made_by"))


def _is_decision(one: Figures) -> bool:
    return one.integral or one.made_by in DECIDING


DECIDING = ("ArgMax", "Round", "Rint", "Greater", "GreaterEqual", "Less", "LessEqual", "Sign", "Floor", "Gt", "Ge")
NO_GRADIENT = ("does not require grad", "No gradients provided")
TARGET_RULES = (
    decisions,
    out_of_reach,
    outside_of_binary,
    not_a_distribution,
    fractional_classes,
    regression_on_classes,
    label_range,
)
