"""Findings about where a program cuts what its model answers into yes and no."""

from collections.abc import Iterator

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.finding import Maker
from sandbox.report import Finding

OF_LOGITS = ("binary_cross_entropy_with_logits", "multilabel_soft_margin_loss", "soft_margin_loss")
OF_PROBABILITIES = ("binary_cross_entropy",)
TOLERANCE = 1e-6


class Cut(BaseModel):
    """Comparisons from one line of a model's answers with one number."""

    cut: float
    where: Place = None
    calls: int = 0
    outside: int = 0
    """Calls whose values did not all lie in 0 to 1."""
    low: float = 0.0
    high: float = 0.0


class Cuts(BaseModel):
    seen: list[Cut] = []


def thresholds(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Logits that are cut where probabilities are, and probabilities where logits are."""
    found = facts.section("thresholds", Cuts)
    losses = {one.function for one in facts.loss_calls}
    for one in found.seen if found is not None else []:
        if one.outside and 0.3 <= one.cut <= 0.7 and losses & set(OF_LOGITS):
            told = f"Logits from {one.low:.3g} to {one.high:.3g} are cut at {one.cut:g}, as if they were probabilities."
            fix = "Apply torch.sigmoid first, or cut the logits at 0."
        elif not one.outside and one.cut == 0 and losses & set(OF_PROBABILITIES) and one.low > TOLERANCE:
            told = f"Probabilities from {one.low:.3g} to {one.high:.3g} are cut at 0, so that all of them count as yes."
            fix = "Cut probabilities at 0.5; 0 is the place for logits."
        else:
            continue
        figures = {"cut": one.cut, "low": one.low, "high": one.high, "calls": one.calls}
        yield make("threshold-of-other-scale", "warning", told, fix, at=one.where, **figures)
        return
