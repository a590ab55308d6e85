"""Fill the index: find patterns, vet them in the sandbox, keep the records, and build the index anew."""

import contextlib
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from ingest.schema import IngestReport, Outcome, Rejected
from ingest.shelf import Shelf
from ingest.sources import Candidate, find_candidates
from ingest.vet import CannotVet, vet
from knowledge.embed import Embedder, open_embedder
from knowledge.index import build_index
from knowledge.patterns import FRAMEWORKS, REPOSITORY, all_patterns
from knowledge.schema import Framework
from knowledge.vetting import decisive, excluded, status_of
from sandbox.base import Sandbox
from sandbox.runtime import Interpreter, installed

JOBS = 2
OnEvent = Callable[[Outcome], None]


def ingest(
    sources: list[Path],
    *,
    home: Path,
    sandbox: Sandbox,
    on_event: OnEvent | None = None,
    rebuild: bool = False,
    interpreters: dict[Framework, Interpreter] | None = None,
    repository: Path = REPOSITORY,
    embedder: Embedder | None = None,
) -> IngestReport:
    """Vet what the sources offer, admit what holds, and bring the index in `home` up to date.

    Patterns of the repository are recorded there; all others are copied into `home`. What was vetted before in the
    same form and with the same framework is not run again, so an interrupted ingest goes on where it ended.
    `interpreters` are those that programs run with, gradproof's own where it does not say.
    `on_event` is called for each file as it is done. `rebuild` writes the index anew even where nothing changed.
    Raises SandboxError where the sandbox is broken and IndexUnavailable where the embedding model is.
    """
    started = time.monotonic()
    if interpreters is None:
        interpreters = {name: installed(name, None).interpreter for name in FRAMEWORKS.values()}
    shelves = Shelf(repository), Shelf(home / "patterns")
    outcomes: list[Outcome] = []
    with contextlib.closing(_outcomes(sources, shelves, sandbox=sandbox, interpreters=interpreters)) as arriving:
        for outcome in arriving:
            outcomes.append(outcome)
            if on_event:
                on_event(outcome)
    for shelf in shelves:
        shelf.tidy()
    versions = {name: decisive(name, found.versions) for name, found in interpreters.items()}
    patterns = all_patterns(home, repository=repository, versions=versions)
    build_index(patterns, home, embedder or open_embedder(), rebuild=rebuild)
    return _report(outcomes, wall_s=time.monotonic() - started)


def _outcomes(
    sources: list[Path],
    shelves: tuple[Shelf, Shelf],
    *,
    sandbox: Sandbox,
    interpreters: dict[Framework, Interpreter],
) -> Generator[Outcome, None, None]:
    """One for each file, as they come. What runs is cancelled when the caller stops listening."""
    places, refused = _places(sources, shelves)
    yield from refused
    cancel = threading.Event()
    with ThreadPoolExecutor(JOBS) as pool:
        runs = [
            pool.submit(_admit, candidate, shelf, sandbox, interpreters[candidate.pattern.framework], cancel)
            for candidate, shelf in places
        ]
        try:
            for run in as_completed(runs):
                yield run.result()
        finally:
            cancel.set()
            pool.shutdown(wait=False, cancel_futures=True)


def _places(sources: list[Path], shelves: tuple[Shelf, Shelf]) -> tuple[list[tuple[Candidate, Shelf]], list[Outcome]]:
    """Which shelf each candidate belongs on, and what is refused before it is run."""
    repository, own = shelves
    places: dict[str, tuple[Candidate, Shelf]] = {}
    refused: list[Outcome] = []
    for source in sources:
        candidates, rejected = find_candidates(source)
        refused += [Outcome(kind="rejected", source=fault.source, reason=fault.reason) for fault in rejected]
        for candidate in candidates:
            shelf = repository if repository.holds(candidate.file) else own
            key, name = candidate.pattern.id, str(candidate.file)
            earlier = places.setdefault(key, (candidate, shelf))[0].file
            if earlier.resolve() != candidate.file.resolve():
                refused.append(_refused(name, key, f"its id {key!r} is taken by {earlier}; choose another"))
            elif shelf is own and key in repository.ids:
                del places[key]
                refused.append(_refused(name, key, f"its id {key!r} is taken by gradproof's own; choose another"))
    return list(places.values()), refused


def _refused(source: str, pattern_id: str, reason: str) -> Outcome:
    return Outcome(kind="rejected", source=source, id=pattern_id, reason=reason)


def _admit(
    candidate: Candidate, shelf: Shelf, sandbox: Sandbox, interpreter: Interpreter, cancel: threading.Event
) -> Outcome:
    """Vet one candidate, unless it is vetted already. What was rejected is tried again: the cause may be gone."""
    pattern, source = candidate.pattern, str(candidate.file)
    installed = decisive(pattern.framework, interpreter.versions)
    if not installed:
        return _refused(source, pattern.id, f"{pattern.framework} is not installed, so it cannot be run here")
    if other := excluded(pattern, installed):
        return _refused(source, pattern.id, f"it does not apply to {other}, which is installed here")
    record = shelf.record(pattern.id)
    known = status_of(pattern, record, installed=installed) == "vetted"
    if record is None or not known:
        try:
            record = vet(pattern, sandbox=sandbox, versions=installed, python=interpreter.python, cancel=cancel)
        except CannotVet as reason:
            return _refused(source, pattern.id, str(reason))
        if not cancel.is_set():
            shelf.put(candidate)
            shelf.add(pattern.id, record)
    if record.failed:
        return _refused(source, pattern.id, record.failed)
    return Outcome(kind="unchanged" if known else "admitted", source=source, id=pattern.id, wall_s=record.wall_s)


def _report(outcomes: list[Outcome], *, wall_s: float) -> IngestReport:
    return IngestReport(
        admitted=sorted(outcome.id for outcome in outcomes if outcome.kind == "admitted" and outcome.id),
        unchanged=sorted(outcome.id for outcome in outcomes if outcome.kind == "unchanged" and outcome.id),
        rejected=[
            Rejected(source=outcome.source, reason=outcome.reason or "")
            for outcome in outcomes
            if outcome.kind == "rejected"
        ],
        wall_s=round(wall_s, 2),
    )
