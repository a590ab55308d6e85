"""Findings about means, sums and maxima over the axis of the samples."""

from collections.abc import Iterator

from sandbox.evidence import Evidence, Facts
from sandbox.findings.finding import Maker
from sandbox.findings.layouts import mixes_batch, read_layout
from sandbox.report import Finding


def reductions(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """What the model takes over axis 0, where that moves the answers about other samples."""
    found = read_layout(evidence).first("reduced-over-batch")
    if found is None or evidence.declared.mixes_batch or not mixes_batch(evidence):
        return
    message = f"Activations of shape {found.shape} are summed or averaged over axis 0, which holds the samples."
    fix = "Reduce over the axis that is meant: the positions of a sequence are on axis 1, the features on the last one."
    yield make("rows-lost", "warning", message, fix, at=found.where, shape=found.shape)
