"""What every drafter promises."""

from pathlib import PurePosixPath
from typing import Protocol

from pydantic import BaseModel, field_validator

from assistant.design.plan import Design
from assistant.repair import Repair
from assistant.schema import Attempt, PythonMLDLRequest
from knowledge.schema import Hit

Files = dict[str, str | bytes]


class Draft(BaseModel):
    """The files of a project, and where each came from."""

    files: Files
    entry: str = "train.py"
    """The script that trains and evaluates; it is what the sandbox runs."""
    sources: dict[str, list[str]] = {}
    """File -> ids of the patterns it was built from."""
    note: str = ""
    """What was changed since the previous draft, and why."""
    design: Design | None = None
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


class Drafter(Protocol):
    """Writes projects. It never judges them."""

    name: str
    """"embedded" or "llm"."""

    def draft(self, request: PythonMLDLRequest, design: Design, patterns: dict[str, Hit]) -> Draft:
        """The first draft. `patterns` maps a role to the pattern retrieved for it."""

    def repair(
        self, request: PythonMLDLRequest, design: Design, patterns: dict[str, Hit], attempt: Attempt, repair: Repair
    ) -> Draft | None:
        """A draft in which what `attempt` shows is mended; None where this drafter knows no way."""
