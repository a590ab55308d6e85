"""What is found where a second run of a program begins otherwise than the first."""

import math
from collections.abc import Sequence

from sandbox.evidence import Facts
from sandbox.findings.finding import Maker
from sandbox.report import CheckResult, Finding

CAUSE = "seed-missing"
NOISE = 0.02
"""Relative difference that samples which threads hand over in another order may make."""


def chance(found: Sequence[Finding], repeated: CheckResult, facts: Facts, make: Maker) -> list[Finding]:
    """The findings with what the second run adds: it clears a seed thought to be missing, or tells a difference.

    A program that seeds something and still differs has missed something; one that seeds nothing may mean it.
    """
    if repeated.status == "passed":
        return [one for one in found if one.id != CAUSE]
    first, second = repeated.evidence.get("first", []), repeated.evidence.get("second", [])
    if not first or len(first) != len(second) or any(one.id == CAUSE for one in found):
        return list(found)
    if all(math.isclose(a, b, rel_tol=NOISE) for a, b in zip(first, second, strict=True)):
        return list(found)
    seeds = facts.choices.seeds if facts.choices else []
    message = f"The first losses of two runs differ: {_told(first)} and {_told(second)}."
    fix = "Seed every source of chance at the start: random, numpy and the framework, and the generators of loaders."
    more = make("not-repeatable", "warning" if seeds else "info", message, fix, seeds=seeds[:5])
    return [*found, more]


def _told(losses: Sequence[float]) -> str:
    return ", ".join(f"{one:.5g}" for one in losses[:3])
