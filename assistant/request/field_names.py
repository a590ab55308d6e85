"""The request's fields by dotted name: what a model is told of each, and its values held against them."""

import json
import types
from functools import lru_cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from assistant.schema import PythonMLDLRequest

HIDDEN = ("request_id", "stated", "ml_task.problem_description", "context.codebase_path", "data_config.normalization")
"""Not for a model to say: they identify the request, lead out of it, or are tables of numbers."""
NOT_VALID = object()
"""What `valid_value` gives for a value that the field cannot have."""


def describe_fields() -> list[str]:
    """One line for each field that a model may fill in: its name, and what it may be."""
    return [f"{name}: {_in_words(annotation)}" for name, annotation in field_types().items()]


@lru_cache(maxsize=1)
def field_types() -> dict[str, Any]:
    """Dotted name -> its annotation, with the limits that the schema sets."""
    found = _types_of(PythonMLDLRequest, "")
    return {name: annotation for name, annotation in found.items() if name not in HIDDEN}


def valid_value(name: str, value: Any) -> Any:
    """The value as the request holds it, or NOT_VALID; a number may have come as its text."""
    adapter: TypeAdapter[Any] = TypeAdapter(field_types()[name])
    for candidate in _candidates(value):
        try:
            return adapter.validate_json(json.dumps(candidate, allow_nan=False), strict=True)
        except (ValidationError, ValueError):
            continue
    return NOT_VALID


def _candidates(value: Any) -> list[Any]:
    if not isinstance(value, str):
        return [value]
    try:
        return [value, value.strip().lower(), json.loads(value.strip().lower())]
    except ValueError:
        return [value, value.strip().lower()]


def _types_of(model: type[BaseModel], prefix: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        dotted = f"{prefix}{info.alias or name}"
        annotation: Any = Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            found |= _types_of(info.annotation, f"{dotted}.")
        else:
            found[dotted] = annotation
    return found


def _in_words(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        limits = [words for item in arguments[1:] for words in _limit(item)]
        return " ".join([_in_words(arguments[0]), *limits])
    if origin is Literal:
        return " | ".join(json.dumps(choice) for choice in arguments)
    if origin in (Union, types.UnionType):
        return " | ".join(dict.fromkeys(_in_words(item) for item in arguments if item is not type(None)))
    if origin in (list, tuple):
        return f"[{', '.join(_in_words(item) for item in arguments)}{', ...' if origin is list else ''}]"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        inner = ", ".join(f"{name}: {_in_words(info.annotation)}" for name, info in annotation.model_fields.items())
        return f"{{{inner}}}"
    return {int: "whole number", float: "number", str: "text", bool: "true | false"}.get(annotation, "text")


def _limit(item: Any) -> list[str]:
    """ "> 0" and the like, where the annotation sets a limit."""
    from pydantic.fields import FieldInfo

    parts = item.metadata if isinstance(item, FieldInfo) else [item]
    signs = (("gt", ">"), ("ge", ">="), ("lt", "<"), ("le", "<="))
    return [f"{sign} {getattr(part, key):g}" for part in parts for key, sign in signs if hasattr(part, key)]
