"""What the model server of the tests can be told to do, and what it was asked."""

import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.model.probe import MARK


@dataclass(frozen=True)
class Says:
    """An answer, with everything that may be wrong with one."""

    text: str = ""
    chunk: int = 12
    """Characters in each piece of the stream."""
    first_s: float = 0.0
    """Seconds before the first piece."""
    chunk_s: float = 0.0
    """Seconds before each further piece."""
    reasoning: str = ""
    """Sent before the text, in a field of its own."""
    reasoning_field: str = "reasoning_content"
    usage: bool = True
    cut_after: int | None = None
    """Pieces after which the connection breaks."""
    finish: str | None = "stop"
    tool_call: bool = False
    """Calls a tool that nobody offered."""
    endless: bool = False
    """Says the text again and again until the client hangs up, whatever limit was asked for."""


@dataclass(frozen=True)
class Silent:
    """Accepts the request and never answers; with `after_headers`, it only promises a stream."""

    after_headers: bool = False


@dataclass(frozen=True)
class Status:
    """Refuses with an HTTP status."""

    code: int
    message: str = ""
    retry_after: str | None = None
    echo_key: bool = False
    """Repeats the key it was sent, as some gateways do."""
    location: str | None = None
    param: str | None = None


@dataclass(frozen=True)
class Malformed:
    """The right content type, and JSON that breaks off."""


@dataclass(frozen=True)
class Page:
    """A page for people where a reply should be."""

    html: str = "<!DOCTYPE html><html><body>Welcome to nginx</body></html>"


@dataclass(frozen=True)
class Body:
    """Any JSON at all, with a status of 200."""

    json: Any


Behaviour = Says | Silent | Status | Malformed | Page | Body


@dataclass
class Request:
    """What the server was asked."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    at: float = field(default_factory=time.monotonic)
    hung_up: threading.Event = field(default_factory=threading.Event)
    hung_up_at: float | None = None
    """When the client closed the connection before the answer's end, on time.monotonic()'s clock."""

    @property
    def messages(self) -> list[dict[str, str]]:
        return self.body.get("messages", [])

    @property
    def text(self) -> str:
        """All that its messages say."""
        return "\n".join(message["content"] for message in self.messages)

    @property
    def is_chat(self) -> bool:
        return self.path.endswith("/chat/completions")

    @property
    def is_probe(self) -> bool:
        return MARK in self.text

    @property
    def is_reading(self) -> bool:
        """Whether a question is to be understood: nothing else that is asked has a schema."""
        return "response_format" in self.body and not self.is_probe


Answers = Sequence[Behaviour | str] | Callable[[Request], Behaviour | str]


def reading(kind: str = "build") -> str:
    """How a model understands a question that leaves nothing to be read into it."""
    return json.dumps({"kind": kind, "fields": [], "unplanned": [], "question_back": None})


READING = reading()


class Script:
    """Reads each question as `kind`, then gives the replies in order; the last one again and again."""

    def __init__(self, *replies: Behaviour | str, kind: str = "build") -> None:
        self._lock = threading.Lock()
        self.tell(*replies, kind=kind)

    def tell(self, *replies: Behaviour | str, kind: str = "build") -> None:
        """What to say from now on."""
        with self._lock:
            self.replies, self.reading = replies, reading(kind)
            self.asked: list[Request] = []
            """What was asked of it beside reading, in order."""

    def __call__(self, request: Request) -> Behaviour | str:
        if request.is_reading:
            return self.reading
        with self._lock:
            self.asked.append(request)
            return self.replies[min(len(self.asked), len(self.replies)) - 1]
