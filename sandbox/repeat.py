"""Whether the same program trains in the same way twice: its first steps are run again and the losses compared."""

import math
import threading

from sandbox.base import Sandbox
from sandbox.evidence import Evidence, read_evidence
from sandbox.report import CheckResult, check
from sandbox.schema import Job

STEPS = 3
LONGEST_S = 8.0
"""A program that takes longer to come to its third step is not run again for this."""
TOLERANCE = 1e-4
"""Relative difference of two losses that reductions in another order may make."""

Losses = list[tuple[int, float, int]]


def run_again(job: Job, evidence: Evidence, sandbox: Sandbox, cancel: threading.Event | None = None) -> Losses | None:
    """The losses of the first steps of a second run, or None where there is nothing to compare, or no time."""
    facts = evidence.facts
    trained = facts is not None and facts.constructed is None and evidence.complete and _first(evidence.losses)
    if not trained or facts.starting_s > LONGEST_S:
        return None
    options = {**(job.observe or {}), "max_steps": STEPS, "start_only": True, "probes": False}
    again = sandbox.run(job.model_copy(update={"observe": options, "collect": []}), cancel=cancel)
    return read_evidence(again.evidence).losses


def repeats(evidence: Evidence, again: Losses | None) -> CheckResult:
    """Never fails: a program may leave its seeds to chance on purpose."""
    id = "repeats"
    if again is None:
        slow = evidence.facts is not None and evidence.facts.starting_s > LONGEST_S
        return check(id, None, "It takes too long to come to its first steps." if slow else "No steps to compare.")
    first, second = _first(evidence.losses), _first(again)
    figures = {"first": first, "second": second}
    if not second or len(first) != len(second):
        return check(id, None, "A second run did not come to the same steps.", **figures)
    if _are_equal(first, second):
        return check(id, True, f"A second run has the same losses in its first {STEPS} steps.", **figures)
    return check(id, None, "A second run has other losses: chance is not seeded, or not all of it.", **figures)


def _first(losses: Losses) -> list[float]:
    return [loss for step, loss, _ in losses if step < STEPS]


def _are_equal(first: list[float], second: list[float]) -> bool:
    return all(math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=1e-8) for a, b in zip(first, second, strict=True))
