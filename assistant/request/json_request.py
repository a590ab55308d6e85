"""A request as JSON, read strictly: the first mistake is named, with what was given and what is expected."""

import json
import math
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from assistant.errors import RequestError
from assistant.request.fields import leaves
from assistant.schema import PythonMLDLRequest

MAX_CHARACTERS = 1_000_000
ALWAYS_THERE = {"request_id", "stated", "task_type", "ml_task.problem_description"}
"""Fields that identify a request and do not bind what is built."""


def read_request(text: str, *, name: str) -> PythonMLDLRequest:
    """The request, with `stated` listing what was given; RequestError says in one sentence which field is wrong."""
    data = _without_nulls(_parse(text, name))
    try:
        request = PythonMLDLRequest.model_validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        raise RequestError(_sentence(error.errors(), name)) from error
    given = [field for field in leaves(data) if field not in ALWAYS_THERE]
    return request.model_copy(update={"stated": given})


def _parse(text: str, name: str) -> dict[str, Any]:
    if not text.strip():
        raise RequestError(f"{name!r} is empty; a request is a JSON object with at least an 'ml_task'.")
    if len(text) > MAX_CHARACTERS:
        raise RequestError(
            f"{name!r} is longer than {MAX_CHARACTERS} characters; a request holds settings, and data is attached."
        )
    try:
        data = json.loads(text.removeprefix("\ufeff"), parse_constant=_number, parse_float=_number)
    except json.JSONDecodeError as error:
        raise RequestError(
            f"{name!r} is not valid JSON at line {error.lineno}, column {error.colno}: {error.msg.lower()}."
        ) from error
    except (RecursionError, ValueError) as error:
        raise RequestError(f"{name!r} cannot be read as JSON: {str(error)[:100]}.") from error
    if not isinstance(data, dict):
        raise RequestError(
            f"{name!r} holds a {type(data).__name__}; a request is a JSON object with at least an 'ml_task'."
        )
    return data


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is not a finite number")
    return value


def _without_nulls(data: Any) -> Any:
    """null says the same as leaving the field out."""
    if isinstance(data, dict):
        return {key: _without_nulls(value) for key, value in data.items() if value is not None}
    return data


def _sentence(errors: list[ErrorDetails], name: str) -> str:
    first = errors[0]
    field = ".".join(str(part) for part in first["loc"]) or "the request"
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    if first["type"] == "extra_forbidden":
        return f"{name!r} has an unknown field {field!r}; remove it or correct its name{more}."
    if first["type"] == "missing":
        return f"{name!r} lacks the field {field!r}; add it{more}."
    given = json.dumps(first["input"], default=str)
    given = given if len(given) <= 60 else f"{given[:57]}..."
    expected = first["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    return f"{name!r}: {field} is {given} and should be {expected}{more}."
