"""A model's reading of a question: asked for as JSON, and not trusted; `merging` holds it to the words."""

import json
from collections.abc import Callable, Sequence
from typing import Any, Literal

from pydantic import BaseModel

from assistant.model.client import Model
from assistant.model.schema import Message
from assistant.model.session import Session
from assistant.model.structured import parse_json
from assistant.model.tokens import estimate_tokens
from assistant.prompts import render
from assistant.prompts.quote import Quoter
from assistant.request.attachments import Attachment
from assistant.request.field_names import describe_fields
from assistant.request.fields import field_values
from assistant.request.settle import Understanding
from assistant.schema import PythonMLDLRequest

MAX_TOKENS = 1500
"""A reading of a long question has some thirty fields of forty tokens."""


class ReadField(BaseModel):
    """One field as the model read it."""

    name: str
    """Dotted name in the request."""
    value: bool | int | float | str | list[int | float | str] | None
    quote: str | None = None
    """The question's exact words that say it; None where it is inferred."""


class ModelReading(BaseModel):
    """What a model takes a question for."""

    kind: Literal["build", "explain", "outside"]
    fields: list[ReadField] = []
    unplanned: list[str] = []
    """What was asked for and fits no field, in the question's words."""
    question_back: str | None = None


Reader = Callable[[str, Understanding, PythonMLDLRequest | None, Sequence[Attachment]], ModelReading | None]


def read_by_model(
    question: str,
    *,
    rules: Understanding,
    previous: PythonMLDLRequest | None,
    attachments: Sequence[Attachment],
    model: Model,
    session: Session,
) -> ModelReading | None:
    """The model's reading; None where it answers no reading, or has no room for the question.

    `rules` is what was understood without it. Raises ModelUnavailable, BudgetSpent or Stopped where the model cannot be
    asked.
    """
    quoter = Quoter()
    system = render("understand", marker=quoter.opening, fields=describe_fields())
    user = "\n\n".join(_told(question, rules, previous, attachments, quoter))
    said = estimate_tokens(system) + estimate_tokens(user)
    if said + MAX_TOKENS > model.abilities.context_tokens:
        return None
    reply = model.reply(
        [Message(role="system", content=system), Message(role="user", content=user)],
        schema=ModelReading,
        meter=session.meter,
        cancel=session.cancel,
        max_tokens=MAX_TOKENS,
        temperature=0.0,
    )
    return parse_json(reply.text, ModelReading)


def _told(
    question: str,
    rules: Understanding,
    previous: PythonMLDLRequest | None,
    attachments: Sequence[Attachment],
    quoter: Quoter,
) -> list[str]:
    told = []
    if previous:
        told.append(quoter.data("the request so far, which the question may change", _listed(previous)))
    if attachments:
        told.append(quoter.data("the names of the attached files", "\n".join(item.name for item in attachments)))
    if rules.request:
        told.append(quoter.data("what rules understood of the question", _listed(rules.request)))
    if rules.kind == "question":
        told.append(quoter.data("what rules would ask back", rules.message))
    return [*told, quoter.data("the question", question)]


def _listed(request: PythonMLDLRequest) -> str:
    """The fields that are set, one a line."""
    unset: tuple[Any, ...] = (None, [], "")
    told = {
        name: json.dumps(value, ensure_ascii=False)
        for name, value in field_values(request).items()
        if value not in unset and not name.endswith("_description")
    }
    return "\n".join(f"{name} = {value}" for name, value in told.items())
