"""Dotted names of a request's fields: reading them, and putting values in their places."""

from typing import Any

from assistant.schema import PythonMLDLRequest


def leaves(data: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Every value that is not a section, under its dotted name."""
    found: dict[str, Any] = {}
    for name, value in data.items():
        found |= leaves(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return found


def field_values(request: PythonMLDLRequest) -> dict[str, Any]:
    """The request's fields under the dotted names that `stated` uses, such as "model_config.dropout"."""
    return leaves(request.model_dump(by_alias=True, exclude={"request_id", "stated"}))


def make_request(values: dict[str, Any], *, stated: list[str]) -> PythonMLDLRequest:
    """A new request from dotted names and values."""
    data: dict[str, Any] = {}
    for name, value in values.items():
        *sections, leaf = name.split(".")
        section = data
        for part in sections:
            section = section.setdefault(part, {})
        section[leaf] = value
    return PythonMLDLRequest.model_validate({**data, "stated": stated})
