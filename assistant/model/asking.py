"""One reply in the making: its tries, what the endpoint refused of the request, and what is left at the end."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pydantic import BaseModel

from assistant.errors import BudgetSpent, ModelUnavailable, UnusableAnswer
from assistant.model.adapt import LOWER, Structured, afforded, build_ask, most_tokens
from assistant.model.ask import Ask, Heard, most_characters, send
from assistant.model.catalogue import name_models
from assistant.model.failures import Failure, cut_off
from assistant.model.schema import Abilities, Endpoint, Message, Meter, Reply, Usage
from assistant.model.secret import KeyFilter
from assistant.model.tries import Patience, persist

BEGINS_ANEW = "\n[the answer broke off; it begins anew]\n"
"""Told to who hears a reply in pieces, before its text comes a second time."""
REPLIES_THAT_ARE_EMPTY = 2
"""After as many the endpoint is believed to have nothing to say."""


@dataclass
class Asking:
    """What one reply is made from, and what was heard so far."""

    chat: Any
    endpoint: Endpoint
    abilities: Abilities
    meter: Meter
    patience: Patience
    messages: list[Message]
    schema: type[BaseModel] | None
    options: dict[str, Any]
    """`max_tokens`, `temperature` and `seed`, each of them or None."""
    refused: set[str]
    """Options that the endpoint does not take; what is found out here is added."""
    dropped: set[str] = field(default_factory=set)
    """Those that are left out of this reply's requests."""
    heard: list[Heard] = field(default_factory=list)
    used: Usage = field(default_factory=Usage)
    structured: Structured = field(init=False)
    """How the schema is asked for, unless the endpoint refused it."""
    ask: Ask = field(init=False)
    """The request, as far as the endpoint is known to take it."""
    sent: Ask = field(init=False)
    """What was last sent of it, with its limit of tokens."""
    ends: float = field(init=False)
    """When the time for this reply is over, on time.monotonic()'s clock."""
    free: float = field(init=False)
    """Since when nothing is asked: the pause before a try is time spent waiting, too."""

    def __post_init__(self) -> None:
        self.structured = self.abilities.structured
        self.ask = self.sent = self._build()
        self.free = time.monotonic()
        self.ends = self.free + min(self.endpoint.timeout_s, self.meter.remaining_seconds())

    async def reply(self, tell: Callable[[str], None]) -> Reply:
        """The reply. Raises ModelUnavailable or BudgetSpent."""
        last = await persist(lambda: self._try(tell), patience=self.patience, ends=self.ends, enough=self._is_enough)
        best = last if last.failure is None else max(self.heard, key=lambda heard: len(heard.text.strip()))
        if not best.text.strip():
            self.meter.check()
            assert last.failure is not None
            raise await self._error(last.failure)
        return Reply(text=best.text, reasoning=best.thoughts, ended=_ended(best), usage=self.used)

    def _build(self) -> Ask:
        options = {name: None if name in self.refused else value for name, value in self.options.items()}
        return build_ask(
            self.messages,
            endpoint=self.endpoint,
            abilities=self.abilities,
            structured=self.structured,
            schema=self.schema,
            **options,
        )

    async def _try(self, tell: Callable[[str], None]) -> Heard:
        """Ask once, and again at once without what the endpoint refuses of the request."""
        while True:
            heard = await self._once(tell)
            if not self._fit(heard.failure):
                return heard

    async def _once(self, tell: Callable[[str], None]) -> Heard:
        self.meter.check()
        budget = self._afforded()
        if self.heard and self.heard[-1].text.strip():
            tell(BEGINS_ANEW)
        limit = most_tokens(self.ask, abilities=self.abilities, budget=budget)
        self.sent = replace(self.ask, max_tokens=None if "max_tokens" in self.dropped else limit)
        heard = Heard(tell, most_characters(limit, budget), started=self.free, hide=KeyFilter(self.endpoint.api_key))
        self.heard.append(heard)
        left = self.ends - time.monotonic()
        try:
            async with asyncio.timeout(left):
                first_s = max(left / 2, self.patience.silence_s)  # A long prompt, or a model that is loaded first.
                silence_s = self.patience.silence_s
                await send(self.chat, self.sent, heard, self.endpoint, first_s=first_s, silence_s=silence_s)
        except TimeoutError:
            heard.failure = self._too_late()
        finally:
            used = heard.usage(self.sent, self.endpoint)
            self.meter.add(used)
            self.used += used
            self.free = time.monotonic()
        if heard.failure and heard.failure.kind == "protocol":  # It spoke the protocol when it was probed.
            heard.failure = replace(heard.failure, again=True)
        if heard.failure is None and heard.finish is None and self.abilities.ends:
            heard.failure = cut_off(self.endpoint)
        if heard.failure is None and not heard.text.strip():
            heard.failure = self._emptiness(heard)
        return heard

    def _afforded(self) -> int | None:
        return afforded(self.ask, endpoint=self.endpoint, meter=self.meter)

    def _fit(self, failure: Failure | None) -> bool:
        """Take out of the request what the endpoint complains of; False where that is nothing it can do without."""
        if failure is None or not failure.parameter:
            return False
        if self.ask.response_format and "response_format" in failure.parameter:
            self.structured = LOWER[self.structured]
            self.ask = self._build()
            return True
        fitted = self.sent.without(failure.parameter)
        if fitted is None:
            return False
        self.dropped |= {name for name in self.options if getattr(fitted, name) != getattr(self.sent, name)}
        self.refused |= self.dropped - {"max_tokens"}  # Another limit may be taken.
        self.ask = replace(fitted, max_tokens=self.ask.max_tokens)
        return True

    def _is_enough(self) -> bool:
        empty = sum(one.failure is not None and one.failure.kind == "empty" for one in self.heard)
        try:
            self.meter.check()
            self._afforded()
        except BudgetSpent:
            return True
        return empty >= REPLIES_THAT_ARE_EMPTY

    def _emptiness(self, heard: Heard) -> Failure:
        where = self.endpoint.address
        if heard.finish == "length":
            sentence = f"The model at {where} used all the tokens it may use without an answer; allow it more of them."
            return Failure("empty", sentence)
        instead = "called a tool that it was not offered" if heard.tool_called else "gave an empty answer"
        sentence = f"The model at {where} {instead}, again and again; try another one with GRADPROOF_MODEL."
        return Failure("empty", sentence, again=True)

    def _too_late(self) -> Failure:
        budget = self.meter.budget.seconds
        if budget is not None and self.meter.remaining_seconds() < 1:
            where = self.endpoint.address
            return Failure("time", f"The {budget:g} s for this question were used up while {where} was asked.")
        allowed = f"{self.endpoint.timeout_s:g} s; GRADPROOF_MODEL_TIMEOUT allows it more."
        return Failure("time", f"The model endpoint {self.endpoint.address} did not answer within {allowed}")

    async def _error(self, failure: Failure) -> ModelUnavailable:
        sentence = await self._sentence(failure)
        return UnusableAnswer(sentence) if failure.kind == "empty" else ModelUnavailable(sentence)

    async def _sentence(self, failure: Failure) -> str:
        if failure.kind == "unknown-model":
            return failure.sentence + await name_models(self.chat)
        left = max(0.0, self.ends - time.monotonic())
        if failure.wait_s is not None and failure.wait_s > left:
            stem = failure.sentence.removesuffix("; try again later.")
            return f"{stem}: it asks to wait {failure.wait_s:,.0f} s, and {left:,.0f} s are left; try again later."
        return failure.sentence


def _ended(heard: Heard) -> Literal["complete", "length", "overlong", "cut"]:
    if heard.failure:
        return "cut"
    if heard.overlong:
        return "overlong"
    return "length" if heard.finish == "length" else "complete"
