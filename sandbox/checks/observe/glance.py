"""Sends what is known so far every few seconds, so that a run which is cut short has told it.

Runs inside the jail.
"""

import time
from collections.abc import Callable
from typing import Any

from observe.record import Record

SECONDS = 5.0


def tell_now_and_then(record: Record, facts: Callable[[], dict[str, Any]]) -> None:
    """A frame of facts after a step, unless there was one shortly before; the last one sent replaces the others."""
    told = time.monotonic()

    def stepped(optimizer: Any) -> None:
        nonlocal told
        if time.monotonic() - told >= SECONDS:
            record.send("facts", **facts())
            told = time.monotonic()

    record.on("stepped", stepped)
