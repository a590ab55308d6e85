"""Read the JSON object in a model's reply, whatever stands around it."""

import json
import re
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

T = TypeVar("T", bound=BaseModel)

STARTS = 200
"""Opening braces that are tried; a reply with more of them is not the JSON that was asked for."""

_STRING_OR_TRAILING_COMMA = re.compile(r'("(?:[^"\\]|\\.)*+")|,(?=\s*[}\]])')


def parse_json(text: str, schema: type[T]) -> T | None:
    """The largest JSON object in the text that the schema accepts, or None.

    Prose and fences around it, and a comma before a closing bracket, are no obstacle; a JSON that breaks off is.
    """
    tidy = _STRING_OR_TRAILING_COMMA.sub(lambda match: match.group(1) or "", text)
    objects = sorted(_objects(text) + (_objects(tidy) if tidy != text else []), key=lambda found: -found[0])
    for _, value in objects:
        try:
            return schema.model_validate(value)
        except ValidationError:
            continue
    return None


def describe_schema(schema: type[BaseModel]) -> str:
    """The instruction for a model whose endpoint cannot hold it to a schema."""
    shape = json.dumps(schema.model_json_schema(), ensure_ascii=False)
    return f"Reply with one JSON object and nothing else. It must be valid under this JSON schema:\n{shape}"


def _objects(text: str) -> list[tuple[int, Any]]:
    """Every JSON object that is not inside another one, with its length."""
    decoder, found, at = json.JSONDecoder(strict=False), [], text.find("{")
    for _ in range(STARTS):
        if at < 0:
            break
        try:
            value, end = decoder.raw_decode(text, at)
            found.append((end - at, value))
        except (ValueError, RecursionError):
            end = at + 1
        at = text.find("{", end)
    return found
