"""End what takes too long in time for a report: a program behind its training, and the probes of the trained model.

Runs inside the jail, in the main thread, which is the only one that a signal's handler runs in.
"""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from observe.record import Record, TrainingEnded

FOR_PROGRAM = 0.75
FOR_PROBES = 0.92
"""Shares of the time limit, from its start."""
SHORTLY = 0.05
"""Seconds after which it is tried again where a frame was being sent, which must not be cut in two."""


@contextmanager
def program_deadline(record: Record, limit_s: float | None) -> Iterator[None]:
    """What runs inside is ended after its share of the limit, if it has trained by then. None stands for no limit."""
    seconds = FOR_PROGRAM * (limit_s or 0.0)

    def over(number: int, frame: Any) -> None:
        if record.steps:
            record.cut = f"after {seconds:g} s"
            raise TrainingEnded

    with _alarm(record, limit_s, FOR_PROGRAM, over):
        yield


@contextmanager
def probes_deadline(record: Record, limit_s: float | None) -> Iterator[None]:
    """What runs inside is ended in time for the last frame to be sent, and nothing is raised."""

    def over(number: int, frame: Any) -> None:
        raise TrainingEnded

    try:
        with _alarm(record, limit_s, FOR_PROBES, over):
            yield
    except TrainingEnded:
        told = "The time limit came before all of the trained model was looked at."
        record.send("probe", name="trained-model", skipped=told)


@contextmanager
def _alarm(record: Record, limit_s: float | None, share: float, over: Callable[[int, Any], None]) -> Iterator[None]:
    if limit_s is None:
        yield
        return
    left = share * limit_s - (time.monotonic() - record.started)

    def alarm(number: int, frame: Any) -> None:
        if _sends(frame):
            signal.setitimer(signal.ITIMER_REAL, SHORTLY)
        else:
            over(number, frame)

    before = signal.signal(signal.SIGALRM, alarm)
    signal.setitimer(signal.ITIMER_REAL, max(0.01, left))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _sends(frame: Any) -> bool:
    while frame is not None:
        if frame.f_code is Record.send.__code__:
            return True
        frame = frame.f_back
    return False
