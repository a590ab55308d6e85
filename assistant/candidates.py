"""Independent drafts side by side: the first that is verified wins, and the others are stopped."""

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import NamedTuple

from assistant.drafters.base import Brief, Draft, Drafter
from assistant.drafting import completed, stand_in
from assistant.errors import BudgetSpent, ModelUnavailable, Stopped
from assistant.events import Tell
from assistant.model.session import Session
from assistant.repair import best_attempt, verified
from assistant.schema import Attempt, LintReport
from assistant.session import telling
from sandbox.report import RunReport

GIVEN_UP = (ModelUnavailable, BudgetSpent, Stopped)
LOOK_S = 0.1
"""How often a wait looks whether the user has stopped it."""


class Candidate(NamedTuple):
    """One independent draft, and what was seen of it."""

    draft: Draft
    attempt: Attempt


class Competed(NamedTuple):
    """The candidates that came to an end, the best of them last, and what became of the others."""

    drafts: list[Draft]
    attempts: list[Attempt]
    """Empty where a draft stands in that is still to be proved."""
    remarks: list[str]


def draft_candidate(
    n: int,
    stop: threading.Event,
    *,
    brief: Brief,
    session: Session,
    drafter: Drafter,
    lint: Callable[[Draft], tuple[Draft, LintReport]],
    prove: Callable[[Draft, Session], RunReport],
    told: Tell,
) -> Candidate:
    """Draft, lint and prove the n-th candidate. Raises Stopped once `stop` is set."""
    with telling(session, told, candidate=n, stop=stop) as own:
        draft, report = lint(completed(drafter.draft(brief, own), brief))
        seen = prove(draft, own) if report.passed else None
    if stop.is_set() and not verified(seen):
        raise Stopped("Another candidate won.")
    told("candidate", {"candidate": n, "verified": verified(seen)})
    return Candidate(draft, Attempt(n=n + 1, lint=report, verify=seen))


def compete(
    count: int,
    brief: Brief,
    session: Session,
    make: Callable[[int, threading.Event], Candidate],
    *,
    embedded: Drafter | None = None,
) -> Competed:
    """Run `make(n, stop)` for n from 0 side by side, until one is verified or all have ended.

    A candidate whose model fails is left out, which is said; where all do, `embedded` stands in for them, or the first
    one's ModelUnavailable or BudgetSpent is raised. Raises Stopped where the session is stopped.
    """
    made, failures = _ended(_race(count, make, session.cancel))
    if made:
        ordered = _numbered(made)
        remarks = [f"One of {count} candidates was not drafted: {error}" for error in failures]
        return Competed([one.draft for one in ordered], [one.attempt for one in ordered], remarks)
    if embedded is None:
        raise failures[0]
    return Competed([completed(stand_in(brief, session, failures[0], embedded), brief)], [], [])


def _race(
    count: int, make: Callable[[int, threading.Event], Candidate], cancel: threading.Event
) -> list[Future[Candidate]]:
    stop = threading.Event()
    with ThreadPoolExecutor(count, thread_name_prefix="candidate") as pool:
        futures = [pool.submit(make, n, stop) for n in range(count)]
        try:
            _await_winner(futures, cancel)
        finally:
            stop.set()
    if cancel.is_set():
        raise Stopped("Stopped.")
    return futures


def _await_winner(futures: list[Future[Candidate]], cancel: threading.Event) -> None:
    waiting = set(futures)
    while waiting and not cancel.is_set():
        done, waiting = wait(waiting, timeout=LOOK_S, return_when=FIRST_COMPLETED)
        if any(_is_decided(one) for one in done):
            return


def _is_decided(ended: Future[Candidate]) -> bool:
    """True for a winner, and for a fault of ours, which no other candidate makes good."""
    error = ended.exception()
    return verified(ended.result().attempt.verify) if error is None else not isinstance(error, GIVEN_UP)


def _ended(futures: list[Future[Candidate]]) -> tuple[list[Candidate], list[Exception]]:
    """What the candidates made, and how the model failed the others; a fault of ours is raised."""
    errors = [future.exception() for future in futures]
    if fault := next((error for error in errors if error and not isinstance(error, GIVEN_UP)), None):
        raise fault
    made = [future.result() for future, error in zip(futures, errors, strict=True) if error is None]
    return made, [error for error in errors if isinstance(error, ModelUnavailable | BudgetSpent)]


def _numbered(made: list[Candidate]) -> list[Candidate]:
    """The best last, so that repairs go on from it; attempts are numbered in that order."""
    best = best_attempt([one.attempt for one in made])
    ordered = [*made[:best], *made[best + 1 :], made[best]]
    return [Candidate(one.draft, one.attempt.model_copy(update={"n": number})) for number, one in enumerate(ordered, 1)]
