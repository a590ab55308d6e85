"""Independent drafts side by side: the first that is verified wins, and the others are stopped."""

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import NamedTuple

from assistant.drafters.base import Draft
from assistant.errors import BudgetSpent, ModelUnavailable, Stopped
from assistant.repair import best_attempt, verified
from assistant.schema import Attempt

GIVEN_UP = (ModelUnavailable, BudgetSpent, Stopped)
LOOK_S = 0.1
"""How often a wait looks whether the user has stopped it."""


class Candidate(NamedTuple):
    """One independent draft, and what was seen of it."""

    draft: Draft
    attempt: Attempt


def compete(
    count: int, make: Callable[[int, threading.Event], Candidate], *, cancel: threading.Event
) -> list[Candidate]:
    """The candidates that came to an end, the best of them last.

    `make(n, stop)` drafts and proves the n-th from 0, and gives up when `stop` is set. A candidate whose model fails is
    left out; where all do, the first one's ModelUnavailable or BudgetSpent is raised. Raises Stopped where `cancel` is
    set.
    """
    stop = threading.Event()
    with ThreadPoolExecutor(count, thread_name_prefix="candidate") as pool:
        futures = [pool.submit(make, n, stop) for n in range(count)]
        try:
            _await_winner(futures, cancel)
        finally:
            stop.set()
    if cancel.is_set():
        raise Stopped("Stopped.")
    return _numbered(_ended(futures))


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


def _ended(futures: list[Future[Candidate]]) -> list[Candidate]:
    """What the candidates made; a fault other than the model's or the stop is raised."""
    made, failures = [], []
    for future in futures:
        error = future.exception()
        if error is None:
            made.append(future.result())
        elif not isinstance(error, GIVEN_UP):
            raise error
        elif not isinstance(error, Stopped):
            failures.append(error)
    if not made:
        raise failures[0]
    return made


def _numbered(made: list[Candidate]) -> list[Candidate]:
    """The best last, so that repairs go on from it; attempts are numbered in that order."""
    best = best_attempt([one.attempt for one in made])
    ordered = [*made[:best], *made[best + 1 :], made[best]]
    return [Candidate(one.draft, one.attempt.model_copy(update={"n": number})) for number, one in enumerate(ordered, 1)]
