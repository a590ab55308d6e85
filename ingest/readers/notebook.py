"""Jupyter notebooks: the cells, never their outputs."""

import json
from functools import lru_cache
from typing import Any

from ingest.decode import writable
from ingest.errors import Unreadable
from ingest.readers.markdown import add_markdown
from ingest.readers.outline import Outline, Section


def read_notebook(text: str) -> list[Section]:
    """The sections of a notebook of format 3 or 4; the line of a block is the number of its cell.

    Raises Unreadable where the text is no notebook.
    """
    notebook = _parsed(text)
    language = _language(notebook.get("metadata"))
    outline = Outline()
    for number, cell in enumerate(_cells(notebook), start=1):
        source = _source(cell)
        kind = cell.get("cell_type")
        if kind == "markdown":
            add_markdown(source, outline, line=number, with_code=False)
        elif kind == "heading":
            level = cell.get("level", 1)
            if not isinstance(level, int):
                raise Unreadable(f"cell {number} is a heading of level {level!r}; give it a number from 1 to 6")
            outline.heading(level, source, line=number)
        elif kind == "code":
            outline.code(source, line=number, language=language)
    return outline.finish()


def notebook_license(text: str) -> str | None:
    """What the notebook's own metadata says of its licence."""
    metadata = _parsed(text).get("metadata")
    said = metadata.get("license") if isinstance(metadata, dict) else None
    named = said.get("name") if isinstance(said, dict) else said
    return named if isinstance(named, str) else None


@lru_cache(maxsize=1)  # its sections and its licence are asked for in turn
def _parsed(text: str) -> dict[str, Any]:
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"it is not JSON, as a notebook must be: {error}") from None
    if not isinstance(notebook, dict):
        raise Unreadable("it holds no fields, so it is no notebook")
    return notebook


def _cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """Those of format 4, else those of format 3. Raises Unreadable where they are not listed."""
    sheets = [notebook] if "cells" in notebook else _list(notebook.get("worksheets", []))
    cells = [cell for sheet in sheets if isinstance(sheet, dict) for cell in _list(sheet.get("cells", []))]
    return [cell for cell in cells if isinstance(cell, dict)]


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Unreadable("it has no cells, so it is no notebook")
    return value


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    return writable("".join(map(str, source)) if isinstance(source, list) else str(source))


def _language(metadata: Any) -> str:
    """Of the kernel; Python where the notebook does not say."""
    for field, name in (("language_info", "name"), ("kernelspec", "language")):
        inner = metadata.get(field) if isinstance(metadata, dict) else None
        if isinstance(inner, dict) and isinstance(inner.get(name), str):
            return inner[name]
    return "python"
