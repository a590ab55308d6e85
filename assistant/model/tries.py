"""Another try where it may help: the one place that asks again, with a pause that grows and is never twice the same."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tenacity import AsyncRetrying, RetryCallState, retry_if_result, wait_exponential, wait_random

from assistant.model.ask import Heard

LONGEST_PAUSE_S = 20.0
"""Between two tries, where the endpoint does not ask for more."""


@dataclass(frozen=True)
class Patience:
    """How long and how often a reply is waited for."""

    backoff_s: float
    """The first pause; the next is twice as long."""
    silence_s: float
    attempts: int


async def persist(
    once: Callable[[], Awaitable[Heard]],
    *,
    patience: Patience,
    ends: float,
    enough: Callable[[], bool] = lambda: False,
) -> Heard:
    """The first reply without a failure, or the last one that failed.

    It gives up where another try cannot help, after the attempts, where `enough` says so, and at once where the pause
    would last beyond `ends` on time.monotonic()'s clock.
    """
    growing = wait_exponential(multiplier=patience.backoff_s, max=LONGEST_PAUSE_S) + wait_random(0, patience.backoff_s)

    def pause(state: RetryCallState) -> float:
        failure = _last(state).failure
        return growing(state) if failure is None or failure.wait_s is None else failure.wait_s

    def is_enough(state: RetryCallState) -> bool:
        late = time.monotonic() + state.upcoming_sleep >= ends
        return late or state.attempt_number >= patience.attempts or enough()

    retrying = AsyncRetrying(
        sleep=asyncio.sleep,
        wait=pause,
        stop=is_enough,
        retry=retry_if_result(lambda heard: heard.failure is not None and heard.failure.again),
        retry_error_callback=_last,
    )

    async def attempt() -> Heard:
        return await once()

    return await retrying(attempt)


def _last(state: RetryCallState) -> Heard:
    assert state.outcome is not None
    return state.outcome.result()
