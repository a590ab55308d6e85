"""Findings of the probes: how the trained model's answers depend on what it is given."""

from collections.abc import Iterator

from sandbox.evidence import Evidence, Facts
from sandbox.findings.finding import Maker, number, one_line
from sandbox.report import Finding
from sandbox.verdict import TOLERANCE


def probes(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """What the probes of the trained model showed."""
    independence = evidence.probes.get("independence", {})
    if independence.get("constant") and independence.get("inputs_differ"):
        message = "The trained model gives exactly the same output for every sample of a batch."
        fix = "Let the output depend on the input; a softmax over one unit or dead activations also do this."
        yield make("constant-output", "critical", message, fix)
    difference, random = independence.get("difference"), evidence.probes.get("determinism", {}).get("difference", 0.0)
    if number(random) > TOLERANCE:
        message = "In evaluation mode two calls with the same batch differ."
        fix = "Pass training=self.training to functional dropout; ignore this for models that sample."
        yield make("random-in-eval-mode", "warning", message, fix, difference=random)
    elif difference is not None and number(difference) > 10 * TOLERANCE:
        message = "A sample's output changes with the other samples of its batch."
        fix = "Check batch_first, and reshapes or reductions that touch axis 0."
        yield make("batch-mixing", "warning", message, fix, difference=difference)
    errors = evidence.probes.get("batch-sizes", {}).get("errors") or {}
    if errors:
        message = f"The model fails with another batch size: {one_line(str(next(iter(errors.values()))))}"
        yield make(
            "fixed-batch-size",
            "warning",
            message,
            "Take the batch size from the input's shape.",
            errors=errors,
        )
