"""Find out with a few small requests what an endpoint can do. What fails is a thing it cannot do, not an error."""

import asyncio
import json
import time
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from assistant.model.adapt import Structured, response_format, without_system
from assistant.model.ask import Ask, Heard, send
from assistant.model.catalogue import context_tokens, name_models
from assistant.model.chat import is_openai
from assistant.model.failures import Failure
from assistant.model.schema import Abilities, Endpoint, Message
from assistant.model.tries import Patience, persist

MARK = "This is a test of the connection."
"""In every request of the probe."""
FIRST_S = 120.0
"""For the first request: a local server may load its model then."""
NEXT_S = 20.0
TOKENS = 256
"""Most of a reply; a model that reasons needs some before it says a word."""

NOTE = {
    "type": "function",
    "function": {
        "name": "note",
        "description": "Write down a word.",
        "parameters": {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]},
    },
}


class Sky(BaseModel):
    """What the probe asks for; its prompt does not give the names away."""

    colour: str
    cloudiness: Literal["clear", "cloudy"]
    layers: int


@dataclass(frozen=True)
class Probed:
    """What was found out."""

    abilities: Abilities
    certain: bool = True
    """False where something passing, such as a time-out, stands for a no: to be asked again another day."""
    failure: Failure | None = None
    """Why the endpoint cannot be used at all."""


async def probe(chat: Any, endpoint: Endpoint, patience: Patience) -> Probed:
    """What the endpoint can do, from three to ten small requests."""
    ends = time.monotonic() + min(endpoint.timeout_s, FIRST_S)
    ask = Ask(
        [Message(role="system", content=f"{MARK} Answer with one word."), Message(role="user", content="Say: ready")],
        max_tokens=TOKENS,
        max_tokens_name="max_completion_tokens" if is_openai(endpoint) else "max_tokens",
    )
    ask, heard = await _first(chat, ask, endpoint, patience, ends)
    if heard.failure:
        if heard.failure.kind == "unknown-model":
            named = heard.failure.sentence + await name_models(chat)
            return Probed(Abilities(), failure=replace(heard.failure, sentence=named))
        return Probed(Abilities(), failure=heard.failure)
    structured, sure = await _structured(chat, ask, endpoint)
    tools = await _ask_user(chat, ask, endpoint, "Write down the word ready with the tool.", tools=[NOTE])
    known = await context_tokens(chat, endpoint)
    abilities = Abilities(
        streaming=ask.stream,
        usage=heard.figures is not None,
        system_role=ask.messages[0].role == "system",
        ends=heard.finish is not None,
        structured=structured,
        tools=tools.tool_called,
        context_known=known is not None,
    )
    abilities = abilities.model_copy(update={"context_tokens": known}) if known else abilities
    return Probed(abilities, certain=sure and not _passing(tools))


async def _first(chat: Any, ask: Ask, endpoint: Endpoint, patience: Patience, ends: float) -> tuple[Ask, Heard]:
    """The plainest request that brings a reply, with the first reply; or the first failure."""
    first = await persist(lambda: _once(chat, ask, endpoint, ends - time.monotonic()), patience=patience, ends=ends)
    if first.failure is None or not _may_be_the_request(first.failure):
        return ask, first
    for plainer in _plainer(ask, first.failure.parameter):
        heard = await _once(chat, plainer, endpoint, min(NEXT_S, endpoint.timeout_s))
        if heard.failure is None:
            return plainer, heard
    return ask, first


def _may_be_the_request(failure: Failure) -> bool:
    """Whether a plainer request may succeed; some chat templates fail with a status of 500."""
    return failure.kind in {"refused", "protocol"} and failure.status not in {401, 403, 404, 429}


def _plainer(ask: Ask, complaint: str) -> list[Ask]:
    """The request without one thing or another, then without all; what the endpoint complained of comes first."""
    folded = without_system(ask.messages)
    named = ask.without(complaint)
    single = [replace(ask, stream_options=False), replace(ask, messages=folded), replace(ask, stream=False)]
    plainest = replace(ask, messages=folded, stream=False, max_tokens=None)
    return [*([named] if named else []), *single, replace(plainest, max_tokens=ask.max_tokens), plainest]


async def _structured(chat: Any, ask: Ask, endpoint: Endpoint) -> tuple[Structured, bool]:
    """The strictest way to get JSON that really brought some, and whether that is certain."""
    wanted = response_format(Sky, "json_schema")
    by_schema = await _ask_user(chat, ask, endpoint, "Describe the sky.", response_format=wanted)
    if _is_valid(by_schema.text, Sky):
        return "json_schema", True
    told = 'Describe the sky as a JSON object with the keys "colour", "cloudiness" (clear or cloudy) and "layers".'
    as_object = await _ask_user(chat, ask, endpoint, told, response_format=response_format(Sky, "json_object"))
    sure = not _passing(by_schema) and not _passing(as_object)
    return ("json_object" if _is_valid(as_object.text, None) else "none"), sure


def _is_valid(text: str, schema: type[BaseModel] | None) -> bool:
    try:
        if schema is None:
            return isinstance(json.loads(text), dict)
        schema.model_validate_json(text)
    except (ValidationError, ValueError):
        return False
    return True


async def _ask_user(chat: Any, ask: Ask, endpoint: Endpoint, text: str, **fields: Any) -> Heard:
    asked = replace(ask, messages=[Message(role="user", content=f"{MARK} {text}")], stream=False, **fields)
    return await _once(chat, asked, endpoint, min(NEXT_S, endpoint.timeout_s))


async def _once(chat: Any, ask: Ask, endpoint: Endpoint, limit_s: float) -> Heard:
    heard = Heard(lambda _text: None)
    try:
        async with asyncio.timeout(max(limit_s, 0.01)):
            await send(chat, ask, heard, endpoint, first_s=limit_s, silence_s=limit_s)
    except TimeoutError:
        sentence = (
            f"The model endpoint {endpoint.address} did not answer within {limit_s:.0f} s; see whether it is busy."
        )
        heard.failure = Failure("time", sentence)
    return heard


def _passing(heard: Heard) -> bool:
    return heard.failure is not None and (heard.failure.again or heard.failure.kind == "time")
