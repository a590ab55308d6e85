"""Everything that the sources hold, read and sorted before anything is run; and what became of it afterwards."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel

from ingest.admission import Done
from ingest.candidates import Candidate, Faulty
from ingest.documents import find_documents
from ingest.errors import Unreadable
from ingest.noting import notes_of
from ingest.programs import Program
from ingest.reading import Reading
from ingest.reading_process import READING_S, ReadingProcess
from ingest.schema import FileReport, Outcome, Rejected
from ingest.shelf import Shelf
from knowledge.notes import Note

NOT_ABOUT = "it says nothing about PyTorch, TensorFlow or Keras"


class Survey(BaseModel):
    """What the sources offer."""

    readings: list[Reading] = []
    candidates: list[Candidate] = []
    faulty: dict[str, list[Faulty]] = {}
    """Place of a document -> what in it cannot be a pattern."""
    refused: list[Rejected] = []
    skipped: dict[str, int] = {}

    def notes(self, done: Sequence[Done]) -> Iterator[Note]:
        """What is kept of the documents as reference."""
        by_document = _by_document(done)
        for reading in self.readings:
            ended = by_document[reading.document.place]
            faulty = self.faulty.get(reading.document.place, [])
            admitted = [one.candidate.program for one in ended if one.outcome.kind != "rejected"]
            reasons = [(one.candidate.program, one.outcome.reason) for one in ended if one.outcome.kind == "rejected"]
            reasons += [(one.program, one.reason) for one in faulty]
            yield from notes_of(
                reading,
                admitted=[program for program in admitted if program],
                reasons=[(program, reason or "") for program, reason in reasons if program],
            )

    def reports(self, done: Sequence[Done], *, notes: dict[str, int]) -> list[FileReport]:
        """One for each document, in their order."""
        by_document = _by_document(done)
        return [
            _file_report(
                reading,
                by_document[reading.document.place],
                self.faulty.get(reading.document.place, []),
                notes.get(reading.document.place, 0),
            )
            for reading in self.readings
        ]


def survey(sources: Sequence[Path | str], shelves: tuple[Shelf, Shelf], *, limit: float = READING_S) -> Survey:
    """Read every source, each document for at most `limit` seconds. One that several of them hold is read once."""
    seen = Survey()
    skipped: Counter[str] = Counter()
    places: set[str] = set()
    with ReadingProcess(limit=limit) as process:
        for source in sources:
            found = find_documents(str(source))
            seen.refused += found.refused
            skipped.update(found.skipped)
            for document in found.documents:
                if document.place in places:
                    continue
                places.add(document.place)
                try:
                    offer = process.offer_of(document, trusted=shelves[0].holds(document.file))
                except Unreadable as fault:
                    seen.refused.append(Rejected(source=document.name, reason=str(fault)))
                else:
                    seen.readings.append(offer.reading)
                    seen.faulty[document.place] = offer.faulty
                    seen.candidates += offer.candidates
    seen.skipped = dict(skipped)
    seen.candidates = _with_ids_of_their_own(seen, shelves)
    return seen


def _with_ids_of_their_own(seen: Survey, shelves: tuple[Shelf, Shelf]) -> list[Candidate]:
    """Those whose ids nothing else has; ids that were made never clash, those that people write may."""
    repository, _ = shelves
    taken: dict[str, Candidate] = {}
    for candidate in seen.candidates:
        key = candidate.pattern.id
        if key in taken:
            reason = f"its id {key!r} is taken by {taken[key].source}; choose another"
        elif key in repository.patterns and not repository.holds(candidate.file):
            reason = f"its id {key!r} is taken by gradproof's own; choose another"
        else:
            taken[key] = candidate
            continue
        seen.faulty.setdefault(candidate.document, []).append(Faulty(source=candidate.source, reason=reason))
    return list(taken.values())


def _by_document(done: Sequence[Done]) -> dict[str, list[Done]]:
    grouped: dict[str, list[Done]] = defaultdict(list)
    for one in done:
        grouped[one.candidate.document].append(one)
    return grouped


def _file_report(reading: Reading, done: Sequence[Done], faulty: Sequence[Faulty], notes: int) -> FileReport:
    """Of a program the fault is a rejection; of a part of a document it is the reason why it became a note."""
    programs = [one.outcome for one in sorted(done, key=lambda one: _begins(one.candidate.program))]
    is_program = reading.is_file
    rejected = [Outcome(kind="rejected", source=one.source, reason=one.reason) for one in faulty] if is_program else []
    return FileReport(
        source=reading.document.name,
        kind=reading.document.format,
        encoding=reading.decoded.encoding,
        repaired=reading.decoded.repaired,
        license=reading.license,
        flags=reading.flags,
        programs=[*programs, *rejected],
        notes=notes,
        remarks=reading.remarks,
        reason=None if programs or rejected or notes else _nothing_came_of(reading, faulty),
    )


def _begins(program: Program | None) -> int:
    return program.pieces[0].first if program else 0


def _nothing_came_of(reading: Reading, faulty: Sequence[Faulty]) -> str:
    if not reading.is_relevant:
        return NOT_ABOUT
    return faulty[0].reason if faulty else "it holds neither a program nor enough text for a note"
