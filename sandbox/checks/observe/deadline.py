"""End a program whose code behind its training takes too long, so that the probes of the trained model still come.

Runs inside the jail, in the main thread, which is the only one that a signal's handler runs in.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from observe.record import Record, TrainingEnded


@contextmanager
def deadline(record: Record, seconds: float | None) -> Iterator[None]:
    """After so many seconds what runs inside is ended, if it has trained by then. None stands for no limit."""
    if seconds is None:
        yield
        return

    def over(number: int, frame: Any) -> None:
        if record.steps:
            record.cut = f"after {seconds:g} s"
            raise TrainingEnded

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
