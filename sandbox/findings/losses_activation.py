"""Findings about what a loss expects of the last activation: logits, probabilities or their logarithms."""

from sandbox.evidence import Evidence, Facts
from sandbox.findings.finding import Maker
from sandbox.findings.losses_figures import Figures, Site
from sandbox.report import Finding

BOUNDED = {"Relu": "never negative", "Relu6": "between 0 and 6", "Tanh": "between -1 and 1", "HardSigmoid": "0 to 1"}
PROBABLE = ("Sigmoid", "Softmax")


def over_samples(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    plain = site.all(lambda one: one.min >= 0 and one.batch_sum_error < 1e-3 and one.sum_error > 1e-2)
    logarithms = site.function == "nll_loss" and site.all(
        lambda one: one.batch_logsumexp < 1e-3 and one.logsumexp > 1e-2
    )
    if site.last.classes < 2 or site.last.input_shape[:1] == [1] or not (plain or logarithms):
        return None
    message = "The outputs sum to 1 over the samples of a batch instead of over the classes of a sample."
    fix = "Apply softmax along the axis of the classes: dim=1 in PyTorch, axis=-1 in Keras, or leave it to the loss."
    return make("softmax-over-samples", "critical", message, fix, at=site.where, **site.figures("sum_error"))


def one_unit(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    constant = site.all(lambda one: one.min == one.max == 1.0)
    inside = site.function == "cross_entropy" and site.last.input_shape[1:2] == [1]
    single = site.last.classes == 1 and (inside or _all_made_by(site, "Softmax"))
    if site.kind not in ("classes", "binary") or not (single or constant):
        return None
    message = "Softmax is taken over a single output, which is 1 for every sample, so that the loss teaches nothing."
    fix = "Use one output with a sigmoid and a binary cross-entropy, or as many outputs as there are classes."
    return make("softmax-over-one-unit", "critical", message, fix, at=site.where, **site.figures())


def probabilities(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    """PyTorch's cross-entropy applies log-softmax itself."""
    if site.function != "cross_entropy" or site.last.classes < 2:
        return None
    figures = site.figures("min", "max", "made_by")
    if site.all(lambda one: one.are_probabilities):
        message = "CrossEntropyLoss was given probabilities: it applies log-softmax itself, so the gradients shrink."
        fix = "Return the logits and leave the softmax out of the model."
        return make("softmax-before-cross-entropy", "critical", message, fix, at=site.where, **figures)
    if _all_made_by(site, "Sigmoid"):
        message = "CrossEntropyLoss was given the output of a sigmoid, and applies a softmax to it."
        fix = "Leave the sigmoid out, or use BCEWithLogitsLoss where a sample may have several classes."
        return make("sigmoid-with-categorical-loss", "critical", message, fix, at=site.where, **figures)
    if site.all(lambda one: one.logsumexp < 1e-4):
        message = "CrossEntropyLoss was given log-probabilities; that is harmless, and done twice."
        fix = "Use NLLLoss, or return the logits."
        return make("log-softmax-before-cross-entropy", "info", message, fix, at=site.where)
    return None


def logits_into_nll(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    if site.function != "nll_loss" or site.last.classes < 2 or not site.all(lambda one: one.logsumexp > 1e-2):
        return None
    given = "probabilities" if site.all(lambda one: one.are_probabilities) else "values that are no log-probabilities"
    fix = "Apply log_softmax first, or use CrossEntropyLoss on the logits."
    return make(
        "logits-into-nll", "critical", f"NLLLoss was given {given}.", fix, at=site.where, **site.figures("logsumexp")
    )


def sigmoid_twice(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    if site.function != "binary_cross_entropy_with_logits":
        return None
    made = site.all(lambda one: one.made_by in PROBABLE)
    inside = site.last.call >= 40 and len(site.samples) >= 8 and site.all(lambda one: one.min >= 0 and one.max <= 1)
    inside = inside and any(one.max - one.min > 0.5 for one in site.samples)  # logits near zero lie there by chance
    if not made and not inside:
        return None
    message = "BCEWithLogitsLoss was given the output of a sigmoid, and applies a second one."
    if not made:
        message = "BCEWithLogitsLoss was given values between 0 and 1 only, as if they were probabilities already."
    fix = "Return the logits, or use BCELoss."
    severity = "critical" if made else "warning"
    figures = site.figures("min", "max")
    return make("sigmoid-before-bce-with-logits", severity, message, fix, at=site.where, **figures)


def binary_of_softmax(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    """Two classes with one-hot targets are the same as a categorical loss."""
    if site.kind != "binary" or site.last.classes < 3 or site.last.from_logits:
        return None
    if not (site.all(lambda one: one.are_probabilities) or _all_made_by(site, "Softmax")):
        return None
    several = site.last.target_sum_error > 0.5 and not site.last.one_hot
    message = "A binary cross-entropy was given the output of a softmax, whose classes rule each other out" + (
        ", for samples that have several classes." if several else "."
    )
    fix = "Use sigmoid where a sample may have several classes, and a categorical cross-entropy where it has one."
    severity = "critical" if several else "warning"
    return make("softmax-with-binary-loss", severity, message, fix, at=site.where, **site.figures("classes"))


def keras_logits(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    """What a loss of Keras was told (from_logits) against what it is given."""
    told, answered = site.last.from_logits, answers(site)
    figures, made = site.figures("from_logits", "made_by", "min", "max"), site.last.made_by or ""
    if told is False and made in BOUNDED and _all_made_by(site, made):
        message = f"The loss expects probabilities, and the output comes out of {made}: it is {BOUNDED[made]}."
        fix = "End in a sigmoid or a softmax, or in no activation together with from_logits=True."
        return make("bounded-output", "critical", message, fix, at=site.where, **figures)
    if told is False and answered == "logits":
        id, message = "logits-without-from-logits", "The loss expects probabilities, and the model answers logits."
        fix = "Pass from_logits=True to the loss."
    elif told is True and answered == "probabilities":
        id = "probabilities-with-from-logits"
        message = "The loss applies softmax or sigmoid itself, and the model answers probabilities."
        fix = "Leave the activation out of the last layer, or drop from_logits=True."
    elif told is False and site.kind == "classes" and site.last.classes > 1 and _all_made_by(site, "Sigmoid"):
        message = "A categorical cross-entropy was given the output of a sigmoid, whose classes do not sum to 1."
        fix = "Use softmax for one class a sample, or a binary cross-entropy where a sample may have several."
        return make("sigmoid-with-categorical-loss", "warning", message, fix, at=site.where, **figures)
    else:
        return None
    no = "B5" if id == "logits-without-from-logits" and site.kind == "binary" else None
    return make(id, "critical", message, fix, at=site.where, no=no, **figures)


def answers(site: Site) -> str:
    """Tell probabilities from logits by the operation that made them, and by their values over all calls."""
    if site.all(lambda one: one.made_by in PROBABLE):
        return "probabilities"
    if any(one.min < 0 or one.max > 1 + 1e-6 for one in site.samples):
        return "logits"
    if site.kind == "classes" and site.all(lambda one: one.are_probabilities):
        return "probabilities"
    return "logits" if site.all(lambda one: one.made_by in ("Linear", "Convolution")) else "unknown"


def bounded(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    logits = site.function in ("cross_entropy", "binary_cross_entropy_with_logits") or site.last.from_logits
    made = site.last.made_by or ""
    if not logits or made not in BOUNDED or not _all_made_by(site, made):
        return None
    message = f"The logits come out of {made}, so that they are {BOUNDED[made]}."
    fix = "Leave the activation out of the last layer: the loss turns any number into a probability."
    severity = "critical" if site.kind == "binary" and made != "Tanh" else "warning"
    return make("bounded-output", severity, message, fix, at=site.where, **site.figures("min", "max"))


def divergence(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    if site.kind != "divergence":
        return None
    figures = site.figures("min", "max", "logsumexp", "target_min", "target_max", "reduction")
    if site.function == "kl_div" and site.all(lambda one: one.are_probabilities):
        message, fix = "KLDivLoss was given probabilities; it expects their logarithms.", "Pass log_softmax(logits)."
        return make("divergence-inputs", "critical", message, fix, at=site.where, **figures)
    if site.function != "kl_div" and site.all(lambda one: one.min < 0):
        message = "The divergence was given logits; it expects probabilities."
        return make("divergence-inputs", "critical", message, "Apply softmax first.", at=site.where, **figures)
    if site.function != "kl_div":
        return None
    if len(site.last.input_shape) == 2 and site.all(lambda one: one.logsumexp > 1e-2):
        message, fix = "KLDivLoss was given values that are no log-probabilities.", "Pass log_softmax(logits)."
        return make("divergence-inputs", "warning", message, fix, at=site.where, **figures)
    if site.all(_is_wrong_target):
        message = "KLDivLoss was given targets that do not fit its log_target."
        fix = "Pass probabilities as the target, or their logarithms together with log_target=True."
        return make("divergence-inputs", "critical", message, fix, at=site.where, **figures)
    if site.last.reduction == "mean" and site.last.classes > 1:
        message = "KLDivLoss averages over the classes too, which divides the divergence by their number."
        fix = 'Pass reduction="batchmean".'
        return make("divergence-mean", "warning", message, fix, at=site.where, **figures)
    return None


def _is_wrong_target(one: Figures) -> bool:
    return one.target_max > 1e-6 if one.log_target else one.target_min < -1e-6


def half_precision(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    if site.last.from_logits is None or not site.all(lambda one: one.input_dtype in ("float16", "bfloat16")):
        return None
    message = f"The loss is given an output in {site.last.input_dtype}, in which probabilities have 3 digits at most."
    fix = 'Give the last layer (or its activation) dtype="float32"; the layers before it may stay as they are.'
    return make("half-precision-output", "warning", message, fix, at=site.where, **site.figures("input_dtype"))


def _all_made_by(site: Site, operation: str) -> bool:
    return site.all(lambda one: one.made_by == operation)


ACTIVATION_RULES = (
    one_unit,
    over_samples,
    probabilities,
    logits_into_nll,
    sigmoid_twice,
    binary_of_softmax,
    keras_logits,
    bounded,
    divergence,
    half_precision,
)
