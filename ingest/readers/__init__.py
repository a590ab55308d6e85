"""One reader for each kind of document: from text to sections. What a document says is data; nothing here runs it."""

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Literal

from ingest.readers.html import read_html
from ingest.readers.markdown import read_markdown
from ingest.readers.notebook import read_notebook
from ingest.readers.outline import Block, Section
from ingest.readers.python import read_python
from ingest.readers.rst import read_rst

__all__ = ["FORMATS", "READERS", "Block", "Format", "Section", "format_of"]

Format = Literal["html", "markdown", "notebook", "python", "rst"]
READERS: dict[Format, Callable[[str], list[Section]]] = {
    "html": read_html,
    "markdown": read_markdown,
    "notebook": read_notebook,
    "python": read_python,
    "rst": read_rst,
}
FORMATS: dict[str, Format] = {
    ".py": "python",
    ".ipynb": "notebook",
    ".md": "markdown",
    ".markdown": "markdown",
    ".mdx": "markdown",
    ".myst": "markdown",
    ".rst": "rst",
    ".html": "html",
    ".htm": "html",
}


def format_of(path: str) -> Format | None:
    """Which reader a file is for, by the end of its name; None for none of them."""
    return FORMATS.get(PurePosixPath(path).suffix.lower())
