"""What the nodes tell whoever streams a run, while they work."""

import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

EVERY_S = 0.05
"""Tokens that arrive closer together are told as one piece: nobody reads faster."""

Tell = Callable[[str, dict[str, Any]], None]


def quietly(_kind: str, _data: dict[str, Any]) -> None:
    """Told of what nobody follows."""


def tell(step: str, message: str, **data: Any) -> None:
    """Send one event."""
    from langgraph.config import get_stream_writer

    get_stream_writer()({"step": step, "message": message, "data": data})


def teller(step: str) -> Tell:
    """A callback, usable from any thread, that sends what happens inside a step."""
    from langgraph.config import get_stream_writer

    writer, context = get_stream_writer(), copy_context()

    def told(kind: str, data: dict[str, Any]) -> None:
        context.copy().run(writer, {"step": step, "message": kind, "data": data})

    return told


class TextTeller:
    """Sends the text of a model's reply as "token" events, a few at a time. `close` sends what is left."""

    def __init__(self, told: Tell, *, candidate: int = 0) -> None:
        self._tell = told
        self._candidate = candidate
        self._pieces: list[str] = []
        self._last = 0.0
        self._lock = threading.Lock()

    def __call__(self, text: str) -> None:
        with self._lock:
            self._pieces.append(text)
            if time.monotonic() - self._last >= EVERY_S:
                self._send()

    def close(self) -> None:
        with self._lock:
            self._send()

    def _send(self) -> None:
        if self._pieces:
            self._tell("token", {"text": "".join(self._pieces), "candidate": self._candidate})
        self._pieces, self._last = [], time.monotonic()
