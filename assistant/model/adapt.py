"""Fit a request to what the endpoint can do: each thing that it lacks has something that stands in for it."""

from typing import Any, Literal

from pydantic import BaseModel

from assistant.errors import BudgetSpent
from assistant.model.ask import Ask
from assistant.model.chat import is_openai
from assistant.model.schema import Abilities, Endpoint, Message, Meter
from assistant.model.structured import describe_schema

Structured = Literal["json_schema", "json_object", "none"]
LOWER: dict[Structured, Structured] = {"json_schema": "json_object", "json_object": "none"}
"""What to ask for where an endpoint refuses a way of holding a model to a schema."""
FEWEST = 16
"""Tokens that are worth a request."""


def build_ask(
    messages: list[Message],
    *,
    endpoint: Endpoint,
    abilities: Abilities,
    structured: Structured,
    schema: type[BaseModel] | None,
    max_tokens: int | None,
    temperature: float | None,
    seed: int | None,
) -> Ask:
    """The request as this endpoint takes it."""
    if schema is not None and structured != "json_schema":
        messages = _with_instruction(messages, describe_schema(schema))
    return Ask(
        messages=messages if abilities.system_role else without_system(messages),
        stream=abilities.streaming,
        stream_options=abilities.usage,
        max_tokens=max_tokens,
        max_tokens_name="max_completion_tokens" if is_openai(endpoint) else "max_tokens",
        temperature=temperature,
        seed=seed,
        response_format=response_format(schema, structured) if schema else None,
    )


def response_format(schema: type[BaseModel], structured: Structured) -> dict[str, Any] | None:
    """The protocol's way to ask for JSON."""
    if structured == "none":
        return None
    if structured == "json_object":
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": {"name": schema.__name__, "schema": schema.model_json_schema()}}


def without_system(messages: list[Message]) -> list[Message]:
    """What the system messages say, in front of the first message of the user."""
    said = [message.content for message in messages if message.role == "system"]
    others = [message for message in messages if message.role != "system"]
    first = next((n for n, message in enumerate(others) if message.role == "user"), None)
    if not said or first is None:
        return [Message(role="user", content="\n\n".join(said)), *others] if said else others
    user = Message(role="user", content="\n\n".join([*said, others[first].content]))
    return [*others[:first], user, *others[first + 1 :]]


def afforded(ask: Ask, *, endpoint: Endpoint, meter: Meter) -> int | None:
    """The tokens that the budget leaves for a reply; None where nothing bounds them.

    Raises BudgetSpent where it pays for the prompt and hardly a word more.
    """
    tokens, money = _left_of_tokens(ask, meter), _left_of_money(ask, endpoint, meter)
    bounds = [bound for bound in (tokens, money) if bound is not None]
    left = min(bounds, default=None)
    if left is not None and left < FEWEST:
        budget = meter.budget
        limit = f"{budget.tokens:,} tokens" if left == tokens else f"{budget.cost:g} (--budget-cost)"
        needs = f"{ask.input_tokens:,} tokens for its prompt alone"
        raise BudgetSpent(f"The budget of {limit} leaves too little for another call, which needs about {needs}.")
    return left


def most_tokens(ask: Ask, *, abilities: Abilities, budget: int | None) -> int | None:
    """The limit to ask for: what is wanted, as far as the budget and the context allow it.

    A budget alone is no limit to ask for where the context is a closer one: endpoints refuse more than they can give.
    """
    room = abilities.context_tokens - ask.input_tokens
    bounds = [] if ask.max_tokens is None else [ask.max_tokens]
    if ask.max_tokens is not None and abilities.context_known and room > 0:  # The estimate may be too high.
        bounds.append(room)
    if budget is not None and (ask.max_tokens is not None or budget < room):
        bounds.append(budget)
    return min(bounds, default=None)


def _left_of_tokens(ask: Ask, meter: Meter) -> int | None:
    left = meter.remaining_tokens()
    return None if left is None else left - ask.input_tokens


def _left_of_money(ask: Ask, endpoint: Endpoint, meter: Meter) -> int | None:
    if meter.budget.cost is None or not endpoint.output_price:
        return None
    given = ask.input_tokens * (endpoint.input_price or 0.0) / 1e6
    left = meter.budget.cost - (meter.usage.cost or 0.0) - given
    return int(left * 1e6 / endpoint.output_price)


def _with_instruction(messages: list[Message], instruction: str) -> list[Message]:
    """The instruction at the end of the last message, where models heed it most."""
    last = messages[-1]
    return [*messages[:-1], last.model_copy(update={"content": f"{last.content}\n\n{instruction}"})]
