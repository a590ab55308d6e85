"""One reader for each kind of document: from text to sections. What a document says is data; nothing here runs it."""

from pathlib import PurePosixPath

from ingest.readers.html import read_html
from ingest.readers.markdown import read_markdown
from ingest.readers.notebook import read_notebook
from ingest.readers.outline import Block, Section
from ingest.readers.python import read_python
from ingest.readers.rst import read_rst

__all__ = ["KINDS", "READERS", "Block", "Section", "kind_of"]

READERS = {
    "html": read_html,
    "markdown": read_markdown,
    "notebook": read_notebook,
    "python": read_python,
    "rst": read_rst,
}
KINDS = {
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


def kind_of(path: str) -> str | None:
    """Which reader a file is for, by the end of its name; None for none of them."""
    return KINDS.get(PurePosixPath(path).suffix.lower())
