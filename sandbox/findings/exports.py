"""Findings about what a program exports: the mode of the model, and the sizes that are held fast."""

from collections.abc import Iterator

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.finding import Maker
from sandbox.report import Finding


class Export(BaseModel):
    """One model that was handed to an exporter."""

    function: str
    where: Place = None
    training: list[str] = []
    """Kinds of layers that depend on the mode and were in training mode."""
    rows: int = 0
    """Samples of the example."""
    fixed: bool = False


class Exports(BaseModel):
    seen: list[Export] = []


def exports(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """A model that is exported as it is trained, or for the batch of its example alone."""
    found = facts.section("exports", Exports)
    for one in found.seen if found is not None else []:
        if one.training:
            message = (
                f"{one.function} was given a model in training mode: {', '.join(one.training)} stay as in training."
            )
            fix = "Call model.eval() before the export."
            yield make("exported-in-train-mode", "warning", message, fix, at=one.where, layers=one.training)
        if one.fixed and one.rows > 0:
            message = f"{one.function} was given no dynamic shapes: what it makes takes batches of {one.rows} alone."
            fix = "Name the axes that may vary, the batch first: dynamic_shapes=({0: torch.export.Dim('batch')},)."
            # One sample at a time may be what is wanted; a batch of several comes from training.
            severity = "warning" if one.rows > 1 else "info"
            yield make("exported-for-one-size", severity, message, fix, at=one.where, rows=one.rows)
