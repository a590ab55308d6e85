"""Exceptions of loss functions that name their cause: labels, encodings, weights and axes that do not fit."""

import re

from sandbox.evidence import Evidence, Place
from sandbox.findings.finding import Maker, one_line
from sandbox.findings.losses_figures import read_sites
from sandbox.findings.losses_targets import number_outside
from sandbox.report import Finding

ERRORS: dict[str, tuple[str, str | None, str]] = {
    r"Expected target size \[\d+, \d+": (
        "class-axis-not-second", None,
        "Pass output.transpose(1, 2), or flatten both: output.flatten(0, 1) and target.flatten().",
    ),
    r"Target -?\d+ is out of bounds|label value of -?\d+ which is outside the valid range|cur_target < n_classes": (
        "label-out-of-range", None, "Number the labels from 0 to one less than the number of outputs.",
    ),
    r"weight tensor should be defined either for all": (
        "class-weights-length", None, "Give one weight for each class, in the order of the labels.",
    ),
    r"multi-target not supported|target with class probabilities|expected scalar type Long but found"
    r"|nll_loss\w* not implemented for|Found dtype (Long|Int|Double|Bool)|result type Float can't be cast to"
    r"|Expected floating point type for target": (
        "label-encoding", "B19",
        "Give class indices as int64 of shape (N,) to a categorical loss, and floats to a binary one or to MSE.",
    ),
    r"`target` and `output` must have the same shape|must have rank \(ndim\) `target|must have the same rank \(ndim\)"
    r"|logits and labels must have the same|logits and labels must be broadcastable"
    r"|`labels.shape.rank` must equal `logits.shape.rank": (
        "label-encoding", "B10",
        "Use the sparse categorical loss for class indices and the categorical one for one-hot vectors.",
    ),
}  # fmt: skip
"""What an exception says -> the fault, its number where the fault has several, and its remedy."""


def loss_error(evidence: Evidence, make: Maker, at: Place) -> Finding | None:
    """The finding for what a loss function raised; None where it raised nothing of its own."""
    raised = evidence.raised
    if raised is None:
        return None
    told = f"{raised.type}: {one_line(raised.message)}"
    if re.search(r"target should be between 0 and 1", raised.message):
        sites = [one for one in read_sites(evidence.counted) if one.kind == "binary"]
        no = number_outside(sites[-1]) if sites else None
        fix = "Scale the targets to 0 to 1, or make the labels 0 and 1."
        return make("targets-outside-of-binary", "critical", told, fix, at=at, no=no, exception=raised.type)
    for pattern, (id, number, fix) in ERRORS.items():
        if re.search(pattern, raised.message) and _is_of_a_loss(raised.message, evidence):
            return make(id, "critical", told, fix, at=at, no=number, exception=raised.type)
    return None


def _is_of_a_loss(message: str, evidence: Evidence) -> bool:
    """Arithmetic in place raises the same about types as a binary cross-entropy of integers does."""
    binary = any(site.kind == "binary" and "int" in site.last.target_dtype for site in read_sites(evidence.counted))
    return binary or "result type" not in message
