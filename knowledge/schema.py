"""A pattern: a short program that teaches one thing, with the record of the run that proved it."""

from typing import Annotated, Literal

from packaging.specifiers import SpecifierSet
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Framework = Literal["pytorch", "tensorflow"]
VettingStatus = Literal["vetted", "stale", "unvetted", "rejected"]


def _version_range(text: str) -> str:
    """Raises ValueError where it is none."""
    return str(SpecifierSet(text))


VersionRange = Annotated[str, AfterValidator(_version_range)]
"""As PEP 440 writes it: ">=3.6,<4"."""


class Vetting(BaseModel):
    """The run that proved a pattern. Written by ingest, never by hand."""

    model_config = ConfigDict(frozen=True)

    sha256: str
    """Hash of the pattern's file and of its wrong example: any change makes the record void."""
    framework_version: str
    versions: dict[str, str] = {}
    """Every distribution whose upgrade makes this record stale: the framework's own and, with TensorFlow, Keras."""
    python: str
    date: str
    """ISO 8601 day of the run."""
    tier: str
    checks: list[str]
    """What was seen to hold, such as "runs", "no_deprecation_warning", "wrong_fails_as_declared"."""
    seen: dict[str, str] = {}
    """What the observers told, with its figures, of each check that they decide: "loss-falls": "…"."""
    wall_s: float
    peak_memory_mb: float
    wrong_outcome: str | None = None
    """What the wrong example was seen to do."""
    failed: str | None = None
    """Why the pattern was not admitted; None where it was."""
    failed_about: str | None = None
    """The same without what differs from one program to the next. None with `failed` in records of before this was
    kept: such a program is run again."""
    failed_line: int | None = None
    """Line of `Pattern.code` where it failed, where that could be told."""


class Pattern(BaseModel):
    """One file of knowledge/patterns, read: the header's fields, the program, and its vetting record."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(pattern=r"^(pt|tf)\.[a-z0-9-]+\.[a-z0-9-]+$")
    framework: Framework
    title: str
    summary: str = ""
    topic: str
    """Area and subject, such as "train.schedule"."""
    role: str | None = None
    """Which part of a project it can fill, such as "schedule"; None for a lesson that stands alone."""
    provides: str | None = None
    """Which choice of that role it is, such as "cosine"."""
    entry: str | None = None
    """The class or function that the rest of a project calls."""
    twin: str | None = None
    """The same thing in the other framework."""
    questions: list[str] = Field(min_length=3)
    """How people ask for it, terse and misspelt ones included; these are embedded."""
    errors: list[str] = []
    """Error texts that this pattern answers; searched word by word."""
    apis: list[str]
    replaces: list[str] = []
    """Old or wrong names by which people still look for it."""
    why: str
    pitfalls: str = ""
    when_not: str = ""
    applies: dict[str, VersionRange] = {}
    """Versions it is written for, as PEP 440 ranges by distribution, such as {"keras": ">=3.6"}.

    Where it does not say, any; a record counts only for the minor versions that it was made on.
    """
    device: Literal["cpu", "cuda"] = "cpu"
    """`cuda`: it shows something that only a GPU does, and is vetted only where there is one."""
    checks: list[str] = ["runs", "no_deprecation_warning"]
    """What vetting must see, beyond the program's own assertions; ingest/vet.py lists what there is."""
    wrong_outcome: str | None = None
    """What the wrong example does, as it will be observed: "raises ValueError: …", "warns …", "fails assertion …"."""
    license: str = "Apache-2.0"
    source: str = "original"
    flags: list[str] = []
    """How the document that it was taken from speaks to a model; then only what runs was kept of it."""
    code: str
    """The program, without its header."""
    wrong: str | None = None
    path: str
    """Relative to the patterns folder."""
    sha256: str
    vetting: Vetting | None = None
    status: VettingStatus = "unvetted"
    """Computed from the vetting record and the installed versions, never set by hand."""

    @property
    def proof(self) -> str:
        """In words, on what it was executed, and whether that still counts."""
        if self.vetting is None or self.status in ("unvetted", "rejected"):
            return "not executed here"
        run = f"executed on {self.framework} {self.vetting.framework_version}, {self.vetting.date}"
        return f"{run}; stale, since another version is installed here" if self.status == "stale" else run


class Hit(BaseModel):
    """A pattern that was found, with its fused score in [0, 1]."""

    pattern: Pattern
    score: float
