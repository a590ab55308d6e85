"""What ingest reports."""

from typing import Literal

from pydantic import BaseModel


class Outcome(BaseModel):
    """What became of one file."""

    kind: Literal["admitted", "rejected", "unchanged"]
    """`unchanged`: its record is still good, and it was not run again."""
    source: str
    id: str | None = None
    """None where the file is no pattern."""
    reason: str | None = None
    """Why it was rejected, in one sentence."""
    wall_s: float = 0.0


class Rejected(BaseModel):
    """A file that was not admitted."""

    source: str
    reason: str


class IngestReport(BaseModel):
    """What became of the sources."""

    admitted: list[str] = []
    """Ids of the patterns that were run now and hold."""
    rejected: list[Rejected] = []
    unchanged: list[str] = []
    """Ids of the patterns whose record is still good; they were not run again."""
    wall_s: float = 0.0
