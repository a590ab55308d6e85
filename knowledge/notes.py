"""Notes: what documents say that no run has proved. Kept apart from patterns, and never called vetted."""

import json
import logging
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knowledge.files import locked, replacing
from knowledge.schema import Framework

log = logging.getLogger(__name__)


class NoteCode(BaseModel):
    """A block of code in a note. It was not run, or it failed."""

    language: str = ""
    code: str
    line: int


class Note(BaseModel):
    """A section of a document, as reference."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(pattern=r"^note\.[a-z0-9-]+\.[a-z0-9-]+$")
    title: str
    framework: Framework | None = None
    """None where the document is about both, or does not say."""
    topic: str
    text: str
    """A quotation in Markdown where `flags` is not empty: somebody wrote it to be obeyed."""
    code: list[NoteCode] = []
    document: str
    """What the note was read from; reading that again replaces all its notes."""
    source: str
    """The document with its lines, and for a repository its address and commit."""
    license: str
    flags: list[str] = []
    """How the document speaks to a model; see ingest/instructions.py."""
    sha256: str
    """Of the words and the code."""
    reason: str
    """Why it is not vetted, in one sentence."""


def read_notes(home: Path) -> list[Note]:
    """Every note that was ingested into `home`, by id. A line that is none is passed over, with a warning."""
    path = _path(home)
    if not path.is_file():
        return []
    found: dict[str, Note] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").split("\n"), start=1):
        if line:
            try:
                note = Note.model_validate_json(line)
                found[note.id] = note
            except ValidationError:
                log.warning("%s:%d is not a note; ingest its document again", path, number)
    return [found[key] for key in sorted(found)]


def replace_notes(home: Path, documents: Iterable[str], notes: Iterable[Note]) -> None:
    """Make these the notes of these documents, at once; those of other documents stay. Nothing is written twice."""
    gone = set(documents)
    with locked(home):
        before = read_notes(home)
        after = {note.id: note for note in before if note.document not in gone} | {note.id: note for note in notes}
        ordered = [after[key] for key in sorted(after)]
        if ordered != before:
            with replacing(_path(home)) as draft:
                draft.write_text("".join(_line(note) for note in ordered), encoding="utf-8")


def _line(note: Note) -> str:
    return json.dumps(note.model_dump(exclude_defaults=True), ensure_ascii=False) + "\n"


def _path(home: Path) -> Path:
    return home / "notes.jsonl"
