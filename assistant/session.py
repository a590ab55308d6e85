"""What a node hands to a drafter or a model: the budget that is left, the way to stop, and whom to tell."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from assistant.events import Tell, TextTeller
from assistant.model.schema import Budget, Meter
from assistant.model.session import Session
from assistant.state import State
from assistant.turn import Turn


def open_session(state: State, turn: Turn, budget: Budget) -> Session:
    """The current question's session, with what its earlier nodes used; `budget` is for what the turn leaves open."""
    elapsed = time.time() - state["started"]
    return Session(
        meter=Meter(turn.budget(budget), spent=state.get("usage"), elapsed_s=elapsed),
        cancel=turn.cancel or threading.Event(),
        run_limit_s=turn.time_limit_s,
    )


@contextmanager
def telling(
    session: Session, told: Tell, *, candidate: int = 0, stop: threading.Event | None = None
) -> Iterator[Session]:
    """The session with its text told in "token" events, the last of them when it ends.

    `stop` ends this candidate alone, and is set where the session itself is stopped.
    """
    text = TextTeller(told, candidate=candidate)
    try:
        yield replace(session, on_text=text, variation=candidate, cancel=stop or session.cancel)
    finally:
        text.close()
