"""What the scope's rules look at, and what each of them says."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

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


Rule = Callable[[Any, Case], Outcome | None]
"""Of the value asked for. None where nothing that was seen decides."""
