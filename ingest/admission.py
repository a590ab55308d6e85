"""Admit one candidate: vet it, unless that was done before; and where a piece of it fails, try it without."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from ingest.apis import needed_modules
from ingest.candidates import Candidate
from ingest.cutting import cut, cut_id, failing_at, needing
from ingest.errors import CannotVet
from ingest.python_source import parsed
from ingest.schema import Outcome, Refusal
from ingest.shelf import Shelf
from ingest.vet import vet
from knowledge.schema import Framework, Vetting
from knowledge.vetting import decisive, excluded, status_of
from sandbox.base import Sandbox
from sandbox.runtime import Interpreter

MOST_CUTS = 4
Rerun = Literal["nothing", "rejected", "everything"]
"""What is run once more although its record is still good."""


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
        refused: list[Refusal] = []
        tried, ended = candidate, self._once(candidate, shelf)
        while isinstance(ended, Refusal):
            refused.append(ended)
            smaller = None if self.cancel.is_set() else _smaller(tried, ended)
            if smaller is None:
                return Done(candidate, _rejected(candidate, refused[0]))
            tried, ended = smaller, self._once(smaller, shelf)
        shelf.remove(_other_cuts(candidate, but=tried))
        return Done(tried, ended)

    def _once(self, candidate: Candidate, shelf: Shelf) -> Outcome | Refusal:
        pattern = candidate.pattern
        versions = decisive(pattern.framework, self.interpreters[pattern.framework].versions)
        if not versions:
            return Refusal(f"{pattern.framework} is not installed, so it cannot be run here")
        if other := excluded(pattern, versions):
            return Refusal(f"it does not apply to {other}, which is installed here")
        record = shelf.record(pattern)
        known = record is not None and self._is_good(record, candidate, shelf, versions)
        if record is None or not known:
            vetted = self._vet(candidate, versions)
            if isinstance(vetted, Refusal):
                return vetted
            record = vetted
            if not self.cancel.is_set():
                shelf.keep(candidate, record)
        elif pattern.id in shelf.patterns and shelf.patterns[pattern.id].sha256 != pattern.sha256:
            shelf.keep(candidate, record)  # another header, over what was run before
        if record.failed:
            return Refusal(record.failed, about=record.failed_about or "", line=record.failed_line)
        return Outcome(
            kind="unchanged" if known else "admitted",
            source=candidate.source,
            id=pattern.id,
            remarks=candidate.remarks,
            wall_s=record.wall_s,
        )

    def _is_good(self, record: Vetting, candidate: Candidate, shelf: Shelf, versions: Mapping[str, str]) -> bool:
        """Whether this record saves a run. Authors of the repository mend what failed: there it is always run again."""
        status = status_of(candidate.pattern, record, installed=versions)
        failed_for_good = status == "rejected" and self.rerun == "nothing" and not shelf.holds(candidate.file)
        return failed_for_good or (status == "vetted" and self.rerun != "everything")

    def _vet(self, candidate: Candidate, versions: dict[str, str]) -> Vetting | Refusal:
        """A record, or why none can be made on this machine. A pattern that was written as one is always run."""
        pattern, composed = candidate.pattern, candidate.program is not None
        if composed:
            needed = needed_modules(parsed(pattern.code)) - self.sandbox.installed(pattern.framework).modules
            if needed:
                reason = f"it needs {min(needed)!r}, which is neither installed here nor part of it"
                return Refusal(reason, module=min(needed))
        python = self.interpreters[pattern.framework].python
        try:
            return vet(
                pattern,
                sandbox=self.sandbox,
                versions=versions,
                python=python,
                composed=composed,
                cancel=self.cancel,
            )
        except CannotVet as reason:
            return Refusal(str(reason))


def _smaller(candidate: Candidate, refusal: Refusal) -> Candidate | None:
    """The candidate without what kept it from running, where that can be told."""
    if candidate.cuts == MOST_CUTS:
        return None
    if refusal.line:
        return cut(candidate, failing_at(candidate, refusal.line), refusal.reason)
    return cut(candidate, needing(candidate, refusal.module), refusal.reason) if refusal.module else None


def _rejected(candidate: Candidate, refusal: Refusal) -> Outcome:
    place = f", at line {refusal.line} of the program" if refusal.line and candidate.program else ""
    reason = refusal.reason + place
    return Outcome(
        kind="rejected", source=candidate.source, id=candidate.pattern.id, reason=reason, about=refusal.about
    )


def _other_cuts(candidate: Candidate, *, but: Candidate) -> list[str]:
    """Ids under which more or less of the same program may have been admitted before."""
    first = candidate.pattern.id
    every = [first, *(cut_id(first, number) for number in range(1, MOST_CUTS + 1))]
    return [one for one in every if one != but.pattern.id] if candidate.program else []
