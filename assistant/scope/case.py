"""What the scope's rules look at, and what each of them says."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import BaseModel

from assistant.schema import PythonMLDLRequest
from assistant.scope.sources import Source
from sandbox.report import RunReport
from sandbox.seen import Seen


@dataclass(frozen=True)
class Case:
    """One draft that ran to its end: what was asked for, what was seen, and the files."""

    request: PythonMLDLRequest
    report: RunReport
    sources: list[Source]
    """Python files that parse."""
    paths: frozenset[str]
    """Every file of the project."""

    @property
    def seen(self) -> Seen:
        return self.report.seen


class Outcome(NamedTuple):
    """Whether a field is as asked, and what was seen of it."""

    kept: bool
    seen: Any


class Contradiction(BaseModel):
    """One thing that is not as it was asked for, or no longer as it was before a repair."""

    field: str
    """Dotted name in the request; after a repair also what the draft lost, such as "tests"."""
    asked: Any
    """What was asked for, or what there was before."""
    seen: Any
    given_up: bool = False
    """Whether `asked` is what an earlier draft had and its repair has no longer."""


def came_to_its_end(report: RunReport) -> bool:
    """Of a program that did not, what is missing says nothing."""
    return any(one.id == "program-runs" and one.status == "passed" for one in report.checks)


def counted(number: int, noun: str) -> str:
    """`1 test`, `2 tests`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


Rule = Callable[[Any, Case], Outcome | None]
"""Of the value asked for. None where nothing that was seen decides."""
