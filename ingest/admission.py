"""Admit one candidate: vet it, unless that was done before; and where a piece of it fails, try it without."""

import re
import threading
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from ingest.apis import needed_modules
from ingest.candidates import Candidate
from ingest.cutting import cut, cut_id, failing_at, needing
from ingest.python_source import parsed
from ingest.reached import not_reached
from ingest.schema import Outcome
from ingest.shelf import Shelf
from ingest.vet import CannotVet, vet
from knowledge.schema import Framework, Vetting
from knowledge.vetting import decisive, excluded, status_of
from sandbox.base import Sandbox
from sandbox.runtime import Interpreter

MOST_CUTS = 4
Rerun = Literal["nothing", "rejected", "everything"]
"""What is run once more although its record is still good."""
FRAME = re.compile(r'File "[^"]*program\.py", line (\d+), in <module>')
NEEDS = re.compile(r"it needs '(\w+)'")
PLACE = re.compile(r", at line (\d+) of the program$")


class Done(NamedTuple):
    """What became of a candidate, and what of it was admitted if only a part was."""

    candidate: Candidate
    outcome: Outcome

    @property
    def holds(self) -> bool:
        return self.outcome.kind != "rejected"


@dataclass(kw_only=True)
class Admission:
    """What every candidate is vetted with."""

    sandbox: Sandbox
    interpreters: dict[Framework, Interpreter]
    rerun: Rerun
    cancel: threading.Event = field(default_factory=threading.Event)

    def admit(self, candidate: Candidate, shelf: Shelf) -> Done:
        """Whole, or without the pieces that fail: a tutorial's later parts often need what is not here."""
        outcome = self._once(candidate, shelf)
        tried, ended = candidate, outcome
        while ended.kind == "rejected" and tried.cuts < MOST_CUTS and not self.cancel.is_set():
            smaller = self._smaller(tried, ended.reason or "")
            if smaller is None:
                break
            tried, ended = smaller, self._once(smaller, shelf)
        if ended.kind == "rejected":
            return Done(candidate, outcome)
        shelf.remove(_other_cuts(candidate, but=tried))
        return Done(tried, ended)

    def _smaller(self, candidate: Candidate, reason: str) -> Candidate | None:
        """The candidate without what kept it from running, where that can be told."""
        if place := PLACE.search(reason):
            return cut(candidate, failing_at(candidate, int(place[1])), reason[: place.start()])
        if missing := NEEDS.match(reason):
            return cut(candidate, needing(candidate, missing[1]), reason)
        return None

    def _once(self, candidate: Candidate, shelf: Shelf) -> Outcome:
        pattern = candidate.pattern
        interpreter = self.interpreters[pattern.framework]
        versions = decisive(pattern.framework, interpreter.versions)
        if not versions:
            return _rejected(candidate, f"{pattern.framework} is not installed, so it cannot be run here")
        if other := excluded(pattern, versions):
            return _rejected(candidate, f"it does not apply to {other}, which is installed here")
        record = shelf.record(pattern)
        status = status_of(pattern, record, installed=versions)
        retried = self.rerun == "rejected" or shelf.holds(candidate.file)
        known = self.rerun != "everything" and (status == "vetted" or (status == "rejected" and not retried))
        if record is None or not known:
            if missing := self._missing(candidate):
                return _rejected(candidate, f"it needs {missing!r}, which is neither installed here nor part of it")
            try:
                record = self._vet(candidate, versions=versions, python=interpreter.python)
            except CannotVet as reason:
                return _rejected(candidate, str(reason))
            if not self.cancel.is_set():
                shelf.keep(candidate, record)
        elif pattern.id in shelf.patterns and shelf.patterns[pattern.id].sha256 != pattern.sha256:
            shelf.keep(candidate, record)
        if record.failed:
            return _rejected(candidate, record.failed)
        return Outcome(
            kind="unchanged" if known else "admitted",
            source=candidate.source,
            id=pattern.id,
            remarks=candidate.remarks,
            wall_s=record.wall_s,
        )

    def _missing(self, candidate: Candidate) -> str | None:
        """A package that the program imports first of all and that is not there; a written pattern is always run."""
        if candidate.program is None:
            return None
        needed = needed_modules(parsed(candidate.pattern.code))
        there = self.sandbox.installed(candidate.pattern.framework).modules
        return min(needed - there, default=None)

    def _vet(self, candidate: Candidate, *, versions: dict[str, str], python: str) -> Vetting:
        """The record; where a program that was put together failed, with the line of it."""
        made = candidate.program is not None
        pattern, cancel = candidate.pattern, self.cancel
        vetted = vet(pattern, sandbox=self.sandbox, versions=versions, python=python, trace=made, cancel=cancel)
        record, ended = vetted.record, vetted.first.ended
        if not made:
            return record
        if record.failed is None:
            failed = not_reached(pattern.code, ended.lines if ended else [])
            return record.model_copy(update={"failed": failed, "checks": []}) if failed else record
        frames = FRAME.findall(vetted.first.result.stderr)
        place = f", at line {frames[-1]} of the program" if frames else ""
        return record.model_copy(update={"failed": record.failed + place})


def _rejected(candidate: Candidate, reason: str) -> Outcome:
    return Outcome(kind="rejected", source=candidate.source, id=candidate.pattern.id, reason=reason)


def _other_cuts(candidate: Candidate, *, but: Candidate) -> list[str]:
    """Ids under which more or less of the same program may have been admitted before."""
    first = candidate.pattern.id
    every = [first, *(cut_id(first, number) for number in range(1, MOST_CUTS + 1))]
    return [one for one in every if one != but.pattern.id] if candidate.program else []
