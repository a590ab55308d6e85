"""What a node hands to a drafter or a model: the budget that is left, the way to stop, and whom to tell."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from assistant.drafters.base import Session
from assistant.events import Tell, TextTeller
from assistant.model.schema import Budget, Meter
from assistant.state import State
from assistant.turn import Turn


def open_meter(state: State, turn: Turn, budget: Budget) -> Meter:
    """The current question's meter, with what its earlier nodes used; `budget` is for what the turn leaves open."""
    elapsed = time.time() - state["started"] if "started" in state else 0.0
    return Meter(turn.budget(budget), spent=state.get("usage"), elapsed_s=elapsed)


@contextmanager
def open_session(
    meter: Meter,
    turn: Turn,
    *,
    told: Tell | None = None,
    variation: int = 0,
    cancel: threading.Event | None = None,
) -> Iterator[Session]:
    """A session whose text is told in "token" events, the last of them when it ends."""
    cancel = cancel or turn.cancel or threading.Event()
    session = Session(meter=meter, cancel=cancel, run_limit_s=turn.time_limit_s, variation=variation)
    if told is None:
        yield session
        return
    text = TextTeller(told, candidate=variation)
    try:
        yield replace(session, on_text=text)
    finally:
        text.close()
