"""Replies that are one JSON value: files by path, or a list of paths with contents."""

import json
from typing import Any

from assistant.drafters.llm.reading.given import Given
from assistant.drafters.llm.reading.names import looks_like_path

_PATH_KEYS = ("path", "filename", "file_path", "file", "name")
_CONTENT_KEYS = ("content", "contents", "code", "text", "source")
_PROSE_KEYS = ("prose", "explanation", "summary", "notes", "message", "description")


def read_json(text: str) -> tuple[list[Given], str] | None:
    """The files and the prose of a JSON reply; None where the text is none that holds files."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    files = _files(value.get("files", value) if isinstance(value, dict) else value)
    if not files:
        return None
    prose = [value[key] for key in _PROSE_KEYS if isinstance(value.get(key), str)] if isinstance(value, dict) else []
    return files, "\n\n".join(prose)


def _files(value: Any) -> list[Given]:
    if isinstance(value, dict) and (file := _file(value)):
        return [file]
    if isinstance(value, list):
        return [file for one in value if (file := _file(one))]
    if not isinstance(value, dict):
        return []
    return [
        Given(path, _encodable(content))
        for path, content in value.items()
        if isinstance(content, str) and (looks_like_path(path) or not path)
    ]


def _file(value: Any) -> Given | None:
    """One {"path": …, "content": …}, whatever the model calls the two."""
    if not isinstance(value, dict):
        return None
    path = next((value[key] for key in _PATH_KEYS if isinstance(value.get(key), str)), None)
    content = next((value[key] for key in _CONTENT_KEYS if isinstance(value.get(key), str)), None)
    return None if path is None or content is None else Given(path, _encodable(content))


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\r\n", "\n")
