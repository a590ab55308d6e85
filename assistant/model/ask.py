"""One request to a model: what is sent, as far as the endpoint can take it, and what is heard while it answers."""

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from assistant.model.failures import Failure, explain, no_protocol
from assistant.model.schema import Endpoint, Message, Usage
from assistant.model.secret import KeyFilter
from assistant.model.thinking import Thinking
from assistant.model.tokens import estimate_tokens

AFTER_END_S = 5.0
"""Longest silence once the model has said that it ended: only the figures are missing then."""
MOST_CHARACTERS = 400_000
"""Of one reply with its reasoning, where no limit of tokens says less."""
CHARACTERS_PER_TOKEN, SLACK = 8, 2000
"""Twice what a tokenizer makes of prose or code, and some for long runs of spaces: what is beyond ignores its limit."""

OPTIONAL = ("temperature", "seed", "stream_options", "response_format", "max_tokens")
"""Parameters that some endpoints refuse, and that a request can do without."""


@dataclass(frozen=True)
class Ask:
    """A request as it is sent."""

    messages: list[Message]
    stream: bool = True
    stream_options: bool = True
    """Ask a stream for its figures."""
    max_tokens: int | None = None
    max_tokens_name: str = "max_tokens"
    """OpenAI's own models take `max_completion_tokens`, other servers may know the older name only."""
    temperature: float | None = None
    seed: int | None = None
    response_format: dict[str, Any] | None = None
    tools: list[dict[str, Any]] | None = None

    def arguments(self) -> dict[str, Any]:
        """For the client; what is its own business travels in `extra_body`, untouched."""
        limit = {self.max_tokens_name: self.max_tokens}
        body = {"response_format": self.response_format, **limit}
        given = {"temperature": self.temperature, "seed": self.seed, "tools": self.tools}
        given["stream_usage"] = self.stream_options if self.stream else None
        given["extra_body"] = {name: value for name, value in body.items() if value is not None} or None
        return {name: value for name, value in given.items() if value is not None}

    def without(self, complaint: str) -> "Ask | None":
        """The same request without the parameter that the endpoint complains of; None where it names none."""
        newer = "max_completion_tokens"
        if self.max_tokens is not None and newer in complaint and self.max_tokens_name != newer:
            return replace(self, max_tokens_name=newer)
        for name in OPTIONAL:
            if name in complaint and getattr(self, name):
                return replace(self, **{name: False if name == "stream_options" else None})
        return None

    @property
    def input_tokens(self) -> int:
        """Estimated, with what a chat template adds to each message."""
        return sum(estimate_tokens(message.content) + 8 for message in self.messages)


@dataclass
class Heard:
    """What has arrived so far; it is kept whatever ends the request."""

    tell: Callable[[str], None]
    most_characters: int = MOST_CHARACTERS
    started: float = field(default_factory=time.monotonic)
    """When the wait for it began, the pause before another try included."""
    hide: KeyFilter = field(default_factory=KeyFilter)
    thinking: Thinking = field(default_factory=Thinking)
    reasoning: str = ""
    pieces: int = 0
    characters: int = 0
    finish: str | None = None
    overlong: bool = False
    """Whether it went on beyond its limit, and was ended here."""
    figures: tuple[int, int] | None = None
    """Input and output tokens as the endpoint reports them."""
    tool_called: bool = False
    failure: Failure | None = None

    def take(self, generation: Any) -> None:
        """One piece of the stream, or a whole message."""
        message = generation.message
        reasoning = message.additional_kwargs.get("reasoning", "")[: self.room]
        text = message.text[: self.room - len(reasoning)]
        self.pieces += 1
        self.characters += len(text) + len(reasoning)
        self.reasoning += reasoning
        self.finish = (generation.generation_info or {}).get("finish_reason") or self.finish
        self.tool_called |= bool(getattr(message, "tool_call_chunks", None) or message.tool_calls)
        if (used := message.usage_metadata) and used["input_tokens"] + used["output_tokens"]:
            self.figures = (used["input_tokens"], used["output_tokens"])
        if told := self.thinking.feed(self.hide.feed(text)):
            self.tell(told)

    def end(self) -> None:
        if told := self.thinking.feed(self.hide.end()) + self.thinking.end():
            self.tell(told)

    @property
    def room(self) -> int:
        """Characters that may still be heard."""
        return self.most_characters - self.characters

    @property
    def text(self) -> str:
        return self.thinking.text

    @property
    def thoughts(self) -> str:
        return self.hide.clean(self.reasoning + self.thinking.reasoning).strip()

    def usage(self, ask: Ask, endpoint: Endpoint) -> Usage:
        """What the request used: the endpoint's figures, or the texts' lengths in their place."""
        seconds = time.monotonic() - self.started
        if self.figures is None and self.failure and self.failure.kind not in {"time", "cut", "empty"}:
            return Usage(calls=1, seconds=seconds, cost=_cost(0, 0, endpoint))
        told = estimate_tokens(self.text) + estimate_tokens(self.thoughts)
        given, made = self.figures or (ask.input_tokens, told)
        return Usage(
            calls=1,
            input_tokens=given,
            output_tokens=made,
            estimated=self.figures is None,
            cost=_cost(given, made, endpoint),
            seconds=seconds,
        )


def _cost(given: int, made: int, endpoint: Endpoint) -> float | None:
    if endpoint.input_price is None or endpoint.output_price is None:
        return None
    return (given * endpoint.input_price + made * endpoint.output_price) / 1e6


def most_characters(*limits: int | None) -> int:
    """Characters of a reply that keeps to these limits of tokens."""
    allowed = [CHARACTERS_PER_TOKEN * limit + SLACK for limit in limits if limit is not None]
    return min([MOST_CHARACTERS, *allowed])


async def send(chat: Any, ask: Ask, heard: Heard, endpoint: Endpoint, *, first_s: float, silence_s: float) -> None:
    """Send the request and hear the reply to its end. What goes wrong is in `heard.failure`, not raised.

    `first_s` seconds may pass until the first piece, `silence_s` between two of them.
    """
    try:
        await _hear(chat, ask, heard, first_s=first_s, silence_s=silence_s)
    except Exception as error:
        heard.failure = explain(error, endpoint, begun=bool(heard.pieces))
    heard.end()
    if heard.failure and heard.failure.kind == "protocol" and heard.pieces:
        heard.failure = replace(heard.failure, kind="cut", again=True)
    if heard.failure and heard.finish and heard.text.strip():
        heard.failure = None  # It had said all; only what follows the reply is missing.
    if heard.failure is None and not heard.pieces:
        heard.failure = no_protocol(endpoint)


async def _hear(chat: Any, ask: Ask, heard: Heard, *, first_s: float, silence_s: float) -> None:
    async with aclosing(chat.hear(ask.messages, stream=ask.stream, **ask.arguments())) as pieces:
        while heard.room:
            limit = first_s if not heard.pieces else AFTER_END_S if heard.finish else silence_s
            async with asyncio.timeout(limit if ask.stream else None):
                piece = await anext(pieces, None)
            if piece is None:
                return
            heard.take(piece)
    heard.finish, heard.overlong = "length", True
