"""Runs the probes of a trained model within a time budget; each one's figures are sent as soon as they are there."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

BUDGET_SECONDS = 12.0
"""Of the clock or of the processor, whichever is less: a busy machine leaves no probe out."""

Probe = Callable[[Any], dict[str, Any]]
"""Asks a subject, which is a trained model with a captured batch, and answers with figures."""


class NotApplicable(Exception):
    """A probe that cannot be made of this model; the message is the reason, as a sentence."""


def run_probes(
    subject: Any, probes: Mapping[str, Probe], *, budget_s: float = BUDGET_SECONDS
) -> Iterator[dict[str, Any]]:
    """One frame of kind "probe" for each probe: its figures, the error that it met, or why it was skipped."""
    started = time.monotonic(), time.process_time()
    for name, work in probes.items():
        begun = time.monotonic()
        try:
            if min(begun - started[0], time.process_time() - started[1]) > budget_s:
                raise NotApplicable(f"The {budget_s:g} s for looking at the trained model were spent.")
            figures = work(subject)
        except NotApplicable as reason:
            figures = {"skipped": str(reason)}
        except Exception as error:
            figures = {"error": f"{type(error).__name__}: {error}"[:500]}
        yield {"kind": "probe", "name": name, "seconds": time.monotonic() - begun, **figures}


def percentiles(call: Callable[[], Any], *, calls: int = 20, seconds: float = 1.0) -> dict[str, float]:
    """Median and 95th percentile of the time of a call, in ms, from at most so many calls or seconds."""
    taken: list[float] = []
    while len(taken) < calls and sum(taken) < seconds:
        begun = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begun)
    taken.sort()
    return {
        "median_ms": 1000 * taken[len(taken) // 2],
        "p95_ms": 1000 * taken[min(len(taken) - 1, int(0.95 * len(taken)))],
    }
