"""Fill the index: read sources, vet their programs in the sandbox, keep the records, and build the index anew."""

import contextlib
import os
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from ingest.admission import MOST_CUTS, Admission, Done
from ingest.alike import Group, grouped
from ingest.candidates import Candidate, cut_id
from ingest.noting import NoteDuplicates
from ingest.schema import IngestReport, Outcome, report_of
from ingest.shelf import Shelf
from ingest.survey import Survey, survey
from knowledge.connection import Server
from knowledge.embed import Embedder, open_embedder
from knowledge.index import update_index
from knowledge.notes import Note, read_notes, replace_notes
from knowledge.patterns import FRAMEWORKS, REPOSITORY
from knowledge.schema import Framework, Pattern
from knowledge.vetting import decisive
from sandbox.base import Sandbox
from sandbox.runtime import Interpreter, installed

OnEvent = Callable[[Outcome, int, int], None]
"""An outcome, how many there are so far, and how many there will be."""


def ingest(
    sources: Sequence[Path | str],
    *,
    home: Path,
    sandbox: Sandbox,
    on_event: OnEvent | None = None,
    rebuild: bool = False,
    retry: bool = False,
    again: bool = False,
    interpreters: dict[Framework, Interpreter] | None = None,
    repository: Path = REPOSITORY,
    embedder: Embedder | None = None,
    server: Server | None = None,
) -> IngestReport:
    """Vet what the sources offer, admit what holds, keep the rest as notes, and bring the index in `home` up to date.

    Patterns of the repository are recorded there; all others are copied into `home`. What was run before in the same
    form and with the same framework is not run again, so an interrupted ingest goes on where it ended; `retry` runs
    what was rejected once more, `again` everything. `interpreters` are those that programs run with, gradproof's own
    where it does not say. `rebuild` writes the index anew even where nothing changed; it lies in
    `home`, or on the server where one is given.
    Raises SandboxError where the sandbox is broken and IndexUnavailable where the embedding model is.
    """
    started = time.monotonic()
    if interpreters is None:
        interpreters = {name: installed(name, None).interpreter for name in FRAMEWORKS.values()}
    shelves = Shelf(repository), Shelf(home / "patterns")
    seen = survey(sources, shelves)
    admission = Admission(sandbox, interpreters, retry, again)
    groups = grouped(seen.candidates, kept=set(shelves[1].patterns), known=_known(shelves, seen.candidates))
    done: list[Done] = []
    with contextlib.closing(_admitted(groups, shelves, admission)) as arriving:
        for one in arriving:
            done.append(one)
            if on_event:
                on_event(one.outcome, len(done), len(seen.candidates))
    place = {candidate.pattern.id: number for number, candidate in enumerate(seen.candidates)}
    done.sort(key=lambda one: place[one.asked])  # whatever ran first
    for shelf in shelves:
        shelf.tidy()
    kept = _keep_notes(home, seen, done)
    versions = {name: decisive(name, found.versions) for name, found in interpreters.items()}
    update_index(
        home,
        embedder=embedder or open_embedder(),
        repository=repository,
        versions=versions,
        server=server,
        rebuild=rebuild,
    )
    files = seen.reports(done, notes=kept)
    return report_of(files, seen.refused, skipped=seen.skipped, wall_s=time.monotonic() - started)


def _known(shelves: Iterable[Shelf], candidates: Sequence[Candidate]) -> list[Pattern]:
    """The patterns that no candidate stands for, whole or with pieces left out."""
    whole = {candidate.pattern.id for candidate in candidates}
    ids = whole | {cut_id(id, number) for id in whole for number in range(1, MOST_CUTS + 1)}
    return [pattern for shelf in shelves for pattern in shelf.patterns.values() if pattern.id not in ids]


def _admitted(
    groups: Sequence[Group], shelves: tuple[Shelf, Shelf], admission: Admission
) -> Generator[Done, None, None]:
    """What became of each candidate, as it comes. What runs is cancelled when the caller stops listening."""
    with ThreadPoolExecutor(max(2, len(os.sched_getaffinity(0)))) as pool:
        runs = [pool.submit(_admit_one_of, group, shelves, admission) for group in groups]
        try:
            for run in as_completed(runs):
                yield from run.result()
        finally:
            admission.cancel.set()
            pool.shutdown(wait=False, cancel_futures=True)


def _admit_one_of(group: Group, shelves: tuple[Shelf, Shelf], admission: Admission) -> list[Done]:
    """One of the candidates that are alike; a program that only nearly equals one that failed gets a chance too."""
    repository, own = shelves
    done: list[Done] = []
    chances = 1
    holds = group.first is None
    like = group.known
    if group.first:
        done.append(admission.admit(group.first, repository if repository.holds(group.first.file) else own))
        holds = done[0].outcome.kind != "rejected"
    for candidate, same in group.others:
        if not holds and not same and chances:
            chances -= 1
            done.append(admission.admit(candidate, own))
            if done[-1].outcome.kind != "rejected":
                holds, like = True, done[-1].outcome.id or like
            continue
        outcome = _duplicate(candidate, like, same=same, holds=holds)
        done.append(Done(candidate, outcome, candidate.pattern.id))
    return done


def _duplicate(candidate: Candidate, like: str, *, same: bool, holds: bool) -> Outcome:
    reason = f"{'the same' if same else 'nearly the same'} program as {like}" + (
        "" if holds else ", which was rejected"
    )
    return Outcome(kind="duplicate", source=candidate.source, id=like, reason=reason)


def _keep_notes(home: Path, seen: Survey, done: Sequence[Done]) -> dict[str, int]:
    """Write the notes of every document that was read, and return how many each has."""
    places = {reading.document.place for reading in seen.readings}
    others = NoteDuplicates(note for note in read_notes(home) if note.document not in places)
    notes: list[Note] = [note for note in seen.notes(done) if others.is_new(note)]
    replace_notes(home, places, notes)
    return {place: sum(note.document == place for note in notes) for place in {note.document for note in notes}}
