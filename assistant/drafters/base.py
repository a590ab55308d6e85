"""What every drafter promises."""

from typing import Protocol

from pydantic import BaseModel

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
