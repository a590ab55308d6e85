"""One request to a model: what is sent, as far as the endpoint can take it, and what is heard while it answers."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from assistant.model.failures import Failure, explain, no_protocol
from assistant.model.schema import Endpoint, Message, Usage
from assistant.model.thinking import Thinking
from assistant.model.tokens import estimate_tokens

AFTER_END_S = 5.0
"""Longest silence once the model has said that it ended: only the figures are missing then."""
MOST_CHARACTERS = 400_000
"""Of one reply with its reasoning, where no limit of tokens says less."""
CHARACTERS_PER_TOKEN = 16
"""More than any tokenizer makes of code, long runs of spaces aside: what is beyond ignores the limit it was given."""

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
        if (
            self.max_tokens is not None
            and "max_completion_tokens" in complaint
            and self.max_tokens_name == "max_tokens"
        ):
            return replace(self, max_tokens_name="max_completion_tokens")
        for name in OPTIONAL:
            if name in complaint and getattr(self, name):
                return replace(self, **{name: False if name == "stream_options" else None})
        return None

    @property
    def input_tokens(self) -> int:
        """Estimated, with what a chat template adds to each message."""
        return sum(estimate_tokens(message.content) + 8 for message in self.messages)

    @property
    def most_characters(self) -> int:
        limit = MOST_CHARACTERS if self.max_tokens is None else CHARACTERS_PER_TOKEN * max(self.max_tokens, 256)
        return min(limit, MOST_CHARACTERS)


@dataclass
class Heard:
    """What has arrived so far; it is kept whatever ends the request."""

    tell: Callable[[str], None]
    started: float = field(default_factory=time.monotonic)
    thinking: Thinking = field(default_factory=Thinking)
    reasoning: str = ""
    pieces: int = 0
    characters: int = 0
    finish: str | None = None
    figures: tuple[int, int] | None = None
    """Input and output tokens as the endpoint reports them."""
    tool_called: bool = False
    failure: Failure | None = None

    def take(self, message: Any, finish: str | None) -> None:
        """One piece of the stream, or a whole message."""
        text, reasoning = message.text, message.additional_kwargs.get("reasoning", "")
        self.pieces += 1
        self.characters += len(text) + len(reasoning)
        self.reasoning += reasoning
        self.finish = finish or self.finish
        self.tool_called |= bool(
            message.tool_call_chunks if hasattr(message, "tool_call_chunks") else message.tool_calls
        )
        if (used := message.usage_metadata) and used["input_tokens"] + used["output_tokens"]:
            self.figures = (used["input_tokens"], used["output_tokens"])
        if told := self.thinking.feed(text):
            self.tell(told)

    def end(self) -> None:
        if told := self.thinking.end():
            self.tell(told)

    @property
    def text(self) -> str:
        return self.thinking.text

    @property
    def thoughts(self) -> str:
        return (self.reasoning + self.thinking.reasoning).strip()

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


async def send(chat: Any, ask: Ask, heard: Heard, endpoint: Endpoint, *, first_s: float, silence_s: float) -> None:
    """Send the request and hear the reply to its end. What goes wrong is in `heard.failure`, not raised.

    `first_s` seconds may pass until the first piece, `silence_s` between two of them.
    """
    from langsmith import tracing_context

    try:
        with tracing_context(enabled=False):
            if ask.stream:
                await _hear_stream(chat, ask, heard, first_s=first_s, silence_s=silence_s)
            else:
                await _hear_whole(chat, ask, heard)
    except Exception as error:
        heard.failure = explain(error, endpoint)
    heard.end()
    if heard.failure and heard.failure.kind == "protocol" and heard.pieces:
        heard.failure = replace(heard.failure, kind="cut", again=True)
    if heard.failure and heard.finish and heard.text.strip():
        heard.failure = None  # It had said all; only what follows the reply is missing.
    if heard.failure is None and not heard.pieces:
        heard.failure = no_protocol(endpoint)


async def _hear_stream(chat: Any, ask: Ask, heard: Heard, *, first_s: float, silence_s: float) -> None:
    stream: AsyncIterator[Any] = chat.astream([(m.role, m.content) for m in ask.messages], **ask.arguments())
    async with aclosing(stream):
        while heard.characters <= ask.most_characters:
            limit = first_s if not heard.pieces else AFTER_END_S if heard.finish else silence_s
            async with asyncio.timeout(limit):
                chunk = await anext(stream, None)
            if chunk is None:
                return
            heard.take(chunk, chunk.response_metadata.get("finish_reason"))
    heard.finish = "length"


async def _hear_whole(chat: Any, ask: Ask, heard: Heard) -> None:
    message = await chat.ainvoke([(m.role, m.content) for m in ask.messages], **ask.arguments())
    if len(message.text) > ask.most_characters:
        message = message.model_copy(update={"content": message.text[: ask.most_characters]})
        heard.take(message, "length")
    else:
        heard.take(message, message.response_metadata.get("finish_reason") or "stop")
