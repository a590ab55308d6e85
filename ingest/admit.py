"""Fill the index: read sources, vet their programs in the sandbox, keep the records, and build the index anew."""

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from ingest.admission import MOST_CUTS, Admission, Done, Rerun
from ingest.candidates import Candidate
from ingest.cutting import cut_id
from ingest.duplicates import admit_groups, grouped
from ingest.noting import NoteDuplicates
from ingest.report import by_document, notes_from, report_of
from ingest.schema import IngestReport, Outcome
from ingest.shelf import Shelf, Shelves
from ingest.survey import Survey, survey
from knowledge.connection import Server
from knowledge.embed import Embedder
from knowledge.index import update_index
from knowledge.notes import Note, read_notes, replace_notes
from knowledge.patterns import REPOSITORY
from knowledge.schema import Framework, Pattern
from knowledge.vetting import decisive
from sandbox.base import Sandbox
from sandbox.runtime import Interpreter

OnEvent = Callable[[Outcome, int, int], None]
"""An outcome, how many there are so far, and how many there will be."""


def ingest(
    sources: Sequence[Path | str],
    *,
    home: Path,
    sandbox: Sandbox | None,
    interpreters: dict[Framework, Interpreter],
    embedder: Embedder,
    on_event: OnEvent | None = None,
    rerun: Rerun = "nothing",
    rebuild: bool = False,
    repository: Path = REPOSITORY,
    server: Server | None = None,
) -> IngestReport:
    """Vet what the sources offer, admit what holds, keep the rest as notes, and bring the index in `home` up to date.

    Patterns of the repository are recorded there; all others are copied into `home`. What was run before in the same
    form and with the same framework is not run again, unless `rerun` says so: an interrupted ingest goes on where it
    ended. `interpreters` are those that programs run with; `sandbox` may be None where there are no sources.
    `rebuild` writes the index anew even where nothing changed; it lies in `home`, or on the server where one is given.
    Raises SandboxError where the sandbox is broken and IndexUnavailable where the embedding model is.
    """
    started = time.monotonic()
    shelves = Shelves(repository=Shelf(repository), own=Shelf(home / "patterns"))
    seen = survey(sources, repository=shelves.repository)
    done: list[Done] = []
    if sandbox:
        admission = Admission(sandbox=sandbox, interpreters=interpreters, rerun=rerun)
        done = _admit_all(seen.candidates, shelves, admission, on_event)
    for shelf in shelves:
        shelf.tidy()
    ended = by_document(done)
    kept = _keep_notes(home, seen, ended)
    versions = {name: decisive(name, found.versions) for name, found in interpreters.items()}
    update_index(home, embedder=embedder, repository=repository, versions=versions, server=server, rebuild=rebuild)
    return report_of(seen, ended, notes=kept, wall_s=time.monotonic() - started)


def _admit_all(
    candidates: Sequence[Candidate], shelves: Shelves, admission: Admission, on_event: OnEvent | None
) -> list[Done]:
    """What became of every candidate, in the order in which they ended."""
    groups = grouped(candidates, kept=set(shelves.own.patterns), known=_known(shelves, candidates))
    done: list[Done] = []
    with contextlib.closing(admit_groups(groups, shelves, admission)) as arriving:
        for one in arriving:
            done.append(one)
            if on_event:
                on_event(one.outcome, len(done), len(candidates))
    return done


def _known(shelves: Shelves, candidates: Sequence[Candidate]) -> list[Pattern]:
    """The patterns that no candidate stands for, whole or with pieces left out."""
    whole = {candidate.pattern.id for candidate in candidates}
    ids = whole | {cut_id(id, number) for id in whole for number in range(1, MOST_CUTS + 1)}
    return [pattern for shelf in shelves for pattern in shelf.patterns.values() if pattern.id not in ids]


def _keep_notes(home: Path, seen: Survey, ended: dict[str, list[Done]]) -> dict[str, int]:
    """Write the notes of every document that was read, and return how many each has."""
    places = {reading.document.place for reading in seen.readings}
    others = NoteDuplicates(note for note in read_notes(home) if note.document not in places)
    notes: list[Note] = [note for note in notes_from(seen, ended) if others.is_new(note)]
    replace_notes(home, places, notes)
    return Counter(note.document for note in notes)
