"""What the model server of the tests can be told to do, and what it was asked."""

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


Script = Sequence[Behaviour | str] | Callable[[Request], Behaviour | str]
