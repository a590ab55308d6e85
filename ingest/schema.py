"""What ingest reports."""

from typing import Literal, NamedTuple

from pydantic import BaseModel

Kind = Literal["admitted", "unchanged", "rejected", "duplicate"]


class Refusal(NamedTuple):
    """Why a program is not admitted."""

    reason: str
    """In one sentence."""
    about: str = ""
    """The reason without what differs from one program to the next, where something does; reports count by it."""
    line: int | None = None
    """Of the pattern's code, where it failed."""
    module: str | None = None
    """The package that it lacks."""


class Outcome(BaseModel):
    """What became of one program."""

    kind: Kind
    """`unchanged`: its record is still good, and it was not run again."""
    source: str
    """The file or address, with lines where the program is a part of it."""
    id: str | None = None
    """None where there is no pattern."""
    reason: str | None = None
    """Why it was not admitted, in one sentence."""
    about: str = ""
    """The reason without what differs from one program to the next, where something does."""
    remarks: list[str] = []
    """What was changed so that it could run."""
    wall_s: float = 0.0


class Rejected(BaseModel):
    """A source, a file or a program that was not admitted."""

    source: str
    reason: str
    about: str = ""
    """The reason without what differs from one to the next, where something does."""


class FileReport(BaseModel):
    """What came of one document."""

    source: str
    kind: str
    """Which reader read it."""
    encoding: str
    repaired: int = 0
    """Lines of mojibake that were mended."""
    license: str
    """SPDX identifier, or "unknown"."""
    flags: list[str] = []
    """How it speaks to a model; its prose is then kept only as a quotation, and not at all in patterns."""
    programs: list[Outcome] = []
    notes: int = 0
    remarks: list[str] = []
    reason: str | None = None
    """Why nothing came of it."""


class IngestReport(BaseModel):
    """What became of the sources. Everything stands in the order of the sources, whatever ran first."""

    admitted: list[str] = []
    """Ids of the patterns that were run now and hold."""
    rejected: list[Rejected] = []
    """Programs that were refused, and documents that could not be read; of which nothing came, see `files`."""
    unchanged: list[str] = []
    """Ids of the patterns whose record is still good; they were not run again."""
    duplicates: list[Rejected] = []
    """Programs that are the same as another, or nearly, and which one that is."""
    notes: int = 0
    """Sections kept as reference, unvetted."""
    flagged: list[str] = []
    """Documents that speak to a model."""
    skipped: dict[str, int] = {}
    """Ending of a file's name -> how many such files no reader is for."""
    files: list[FileReport] = []
    wall_s: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether something came of the sources, and nothing in them was rejected."""
        return not self.rejected and bool(self.admitted or self.unchanged or self.duplicates or self.notes)
