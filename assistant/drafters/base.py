"""What every drafter promises, and what it is told."""

from pathlib import PurePosixPath
from typing import Protocol

from pydantic import BaseModel, field_validator

from assistant.design.plan import Design
from assistant.model.session import Session
from assistant.repair import Repair
from assistant.request.attachments import Attachment
from assistant.schema import Attempt, DrafterName, Files, PythonMLDLRequest
from knowledge.schema import Hit
from sandbox.contract import Contract


class Brief(BaseModel):
    """All that a drafter is told of a question."""

    request: PythonMLDLRequest
    """`ml_task.problem_description` holds the user's own words."""
    design: Design
    patterns: dict[str, Hit] = {}
    """Role of a project's part -> the vetted pattern for it."""
    lessons: list[Hit] = []
    """Further vetted patterns near to the question, the best first."""
    attachments: list[Attachment] = []
    unplanned: list[str] = []
    """What was asked for and has no place in the request or the design, in words."""
    project: Files = {}
    """What the question changes, where it goes on with an earlier one."""


class Draft(BaseModel):
    """The files of a project, and where each came from."""

    files: Files
    entry: str = "train.py"
    """The script that trains and evaluates; it is what the sandbox runs."""
    drafter: DrafterName = "embedded"
    sources: dict[str, list[str]] = {}
    """File -> ids of the patterns it was built from."""
    note: str = ""
    """What was changed since the previous draft, and why."""
    remarks: list[str] = []
    """What the user should hear of how it was drafted, such as what the prompt had no room for; one sentence each."""
    prose: str = ""
    """What a model said around the files: its own words, which nothing checked."""
    design: Design | None = None
    contract: Contract | None = None
    """What is declared of it, so that what is meant is not taken for a fault."""
    patterns: dict[str, Hit] = {}
    """What it was made from; filled in by the graph."""

    @field_validator("files")
    @classmethod
    def _stay_inside(cls, files: Files) -> Files:
        """A draft may come from a model: no name of a file leads out of the project."""
        for name in files:
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts or "\0" in name or not path.parts or str(path) != name:
                raise ValueError(f"{name!r} is no plain path inside a project")
        return files


class Failure(BaseModel):
    """A draft that was not verified, and what is to be done about it."""

    draft: Draft
    attempt: Attempt
    repair: Repair
    earlier: list[Draft] = []
    """The drafts before it, oldest first."""


class Drafter(Protocol):
    """Writes projects. It never judges them."""

    name: DrafterName

    def draft(self, brief: Brief, session: Session) -> Draft:
        """The first draft. Raises ModelUnavailable, BudgetSpent or Stopped where a model is asked in vain."""

    def repair(self, brief: Brief, failure: Failure, session: Session) -> Draft | None:
        """A draft in which what the failure shows is mended; None where this drafter knows no way."""
