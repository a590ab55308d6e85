"""One document, read: its text, its sections, the programs in it, and what is said about all of them."""

import re
from functools import cached_property

from pydantic import BaseModel

from ingest.apis import frameworks_of, used_apis
from ingest.decode import Decoded, decode
from ingest.documents import Document
from ingest.instructions import flags_of
from ingest.licenses import UNKNOWN, identifier, license_in
from ingest.pieces import Piece, pieces_of
from ingest.programs import Program, program_of, programs_in
from ingest.python_source import parsed
from ingest.readers import READERS, Section
from ingest.readers.notebook import notebook_license
from knowledge.patterns import has_header
from knowledge.schema import Framework

MOST_PROGRAMS = 60
"""Of one document."""
SUBJECTS: dict[Framework, re.Pattern[str]] = {
    "pytorch": re.compile(r"\b(?:py)?torch\b", re.IGNORECASE),
    "tensorflow": re.compile(r"\b(?:tensorflow|keras)\b|\btf\.[a-z]", re.IGNORECASE),
}


class Reading(BaseModel):
    """A document with everything that could be told without running it."""

    document: Document
    decoded: Decoded
    license: str
    flags: list[str] = []
    sections: list[Section] = []
    pieces: list[Piece] = []
    programs: list[Program] = []
    faults: dict[int, str] = {}
    """Section -> why code in it is part of no program."""
    is_pattern: bool = False
    """Its author made it a pattern: it is taken as it is, or not at all."""

    @property
    def by_cells(self) -> bool:
        return self.document.format == "notebook"

    @property
    def is_file(self) -> bool:
        """Whether the document is a program, rather than holds some."""
        return self.document.format == "python"

    @property
    def is_relevant(self) -> bool:
        """Whether it says anything about the frameworks."""
        return any(words.search(self.decoded.text) for words in SUBJECTS.values())

    @cached_property
    def subject(self) -> Framework | None:
        """The only framework that the document's words name."""
        named: list[Framework] = [name for name, words in SUBJECTS.items() if words.search(self.decoded.text)]
        return named[0] if len(named) == 1 else None

    @property
    def remarks(self) -> list[str]:
        """What was changed or left out while reading, the same thing once."""
        told = ["mojibake was mended"] if self.decoded.repaired else []
        return [*told, *dict.fromkeys(piece.remark for piece in self.pieces if piece.remark)]

    def where(self, first: int, last: int) -> str:
        """A part of the document, as a suffix of its name."""
        unit = "cell=" if self.by_cells else "L"
        return f"#{unit}{first}" + (f"-{'' if self.by_cells else 'L'}{last}" if last > first else "")


def read(document: Document, *, trusted: bool = False) -> Reading:
    """Raises Unreadable where the document cannot be read as what it is.

    A pattern that speaks to a model is a program like any other, and its header a comment, unless it is `trusted`.
    """
    decoded = decode(document.data)
    bare = Reading(document=document, decoded=decoded, license=_license(document, decoded.text))
    if bare.is_file and has_header(decoded.text):
        flags = flags_of(decoded.text)
        if trusted or not flags:
            return bare.model_copy(update={"flags": flags, "is_pattern": True})
    sections = READERS[document.format](decoded.text)
    # A notebook's outputs, pictures and logs, are not looked through.
    flags = flags_of(_shown(sections) if bare.by_cells else decoded.text)
    return _with_programs(bare.model_copy(update={"sections": sections, "flags": flags}))


def _license(document: Document, text: str) -> str:
    named = notebook_license(text) if document.format == "notebook" else None
    return license_in(text) or (named and identifier(named)) or document.license or UNKNOWN


def _shown(sections: list[Section]) -> str:
    parts = ((*one.headings[-1:], one.prose, *(block.code for block in one.blocks)) for one in sections)
    return "\n".join(part for every in parts for part in every)


def _with_programs(reading: Reading) -> Reading:
    pieces, faults = pieces_of(reading.sections, by_cells=reading.by_cells)
    if reading.is_file:
        programs, missing = [program_of(pieces, pieces)] if pieces else [], {}
    else:
        programs, missing = programs_in(pieces)
    for program in programs[MOST_PROGRAMS:]:
        faults.setdefault(program.pieces[0].section, f"the document holds more than {MOST_PROGRAMS} programs")
    found = {"pieces": pieces, "programs": programs[:MOST_PROGRAMS], "faults": missing | faults}
    return reading.model_copy(update=found)


def apis_in(pieces: list[Piece]) -> list[str]:
    """The interfaces that these pieces use, as far as their own imports tell."""
    return sorted({api for piece in pieces for api in used_apis(parsed(piece.code))})


def framework_in(reading: Reading, pieces: list[Piece]) -> Framework | None:
    """The framework of a part of a document: what its code uses, else what the document names."""
    found = frameworks_of(apis_in(pieces))
    return found.pop() if len(found) == 1 else reading.subject


def uses_a_framework(reading: Reading) -> bool:
    """Whether any of the document's code does."""
    return bool(frameworks_of(apis_in(reading.pieces)))
