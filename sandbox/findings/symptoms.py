"""Findings that another one explains: the cause is told, and what only follows from it is not."""

from collections.abc import Sequence

from sandbox.report import Finding

CAUSES: dict[str, tuple[str, ...]] = {
    "evaluation-with-gradients": ("loss-rebuilt", "loss-of-decisions"),
    "non-finite-loss": ("loss-maximised", "divergence-sign"),
    "non-finite-gradients": ("loss-maximised", "divergence-sign"),
    "constant-output": (
        "padding-mask-inverted",
        "batch-first-missing",
        "softmax-over-one-unit",
        "learning-rate-too-high",
        "bad-initialisation",
        "dead-units",
    ),
    "training-data-not-shuffled": ("sampler-epoch-not-set", "shuffle-too-small"),
    "cannot-learn": ("missing-zero-grad", "learning-rate-too-high", "divergence-outweighs"),
    "causal-mask-missing": ("causal-mask-inverted",),
    "dead-units": ("learning-rate-too-high", "bad-initialisation"),
    "parameters-without-gradient": ("parameters-cut-off",),
    "frozen-at-random": ("never-unfrozen",),
    "random-in-eval-mode": ("training-flag-fixed",),
    "training-in-eval-mode": ("target-is-a-reference",),
    "fixed-batch-size": ("argmax-over-batch", "argmax-over-positions"),
}
"""Finding -> those that explain it, the likeliest first."""


def without_symptoms(found: Sequence[Finding]) -> list[Finding]:
    """Leave out what is explained, and what is told a second time of the same line or without one.

    A cause is as severe as the worst of what it explains.
    """
    by_id = {one.id: one for one in found}
    raised: dict[str, Finding] = {}
    left = []
    for one in found:
        cause = next((id for id in CAUSES.get(one.id, ()) if id in by_id), None)
        if cause is not None and one.severity == "critical":
            raised[cause] = by_id[cause].model_copy(update={"severity": "critical"})
        located = any(other.id == one.id and other.line is not None for other in found)
        again = any((other.id, other.file, other.line) == (one.id, one.file, one.line) for other in left)
        if cause is None and not (again if one.line is not None else located):
            left.append(one)
    return [raised.get(one.id, one) for one in left]
