"""The documents of tests/data/ingest, as they are read."""

from pathlib import Path

from ingest.documents import Document
from ingest.readers import format_of
from ingest.reading import Reading, read

DATA = Path(__file__).parent / "data" / "ingest"


def reading(name: str, text: str | None = None) -> Reading:
    """One of the documents of tests/data/ingest, or a text under its name."""
    data = (DATA / name).read_bytes() if text is None else text.encode()
    made = Document(
        name=name, format=format_of(name), path=name, folder="data", place=name, cited=name, license=None, data=data
    )
    return read(made)


def programs(name: str, text: str | None = None) -> list[str]:
    return [program.code for program in reading(name, text).programs]


def in_fences(*blocks: str) -> str:
    """A document of Markdown with these blocks of Python."""
    return "# Title\n\n" + "\n\n".join(f"Text.\n\n```python\n{block}\n```" for block in blocks)
