"""What came of the sources, once everything was run: notes and the report."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from ingest.admission import Done
from ingest.candidates import Faulty
from ingest.noting import notes_of
from ingest.reading import Reading
from ingest.schema import FileReport, IngestReport, Kind, Outcome, Rejected
from ingest.survey import Survey
from knowledge.notes import Note

NOT_ABOUT = "it says nothing about PyTorch, TensorFlow or Keras"


def by_document(done: Sequence[Done]) -> dict[str, list[Done]]:
    """Place of a document -> what became of its programs, in their order, whatever ran first."""
    grouped: dict[str, list[Done]] = defaultdict(list)
    for one in sorted(done, key=_begins):
        grouped[one.candidate.document].append(one)
    return grouped


def _begins(one: Done) -> int:
    return one.candidate.program.pieces[0].first if one.candidate.program else 0


def notes_from(seen: Survey, ended: dict[str, list[Done]]) -> Iterator[Note]:
    """What is kept of the documents as reference."""
    for reading in seen.readings:
        done = ended.get(reading.document.place, [])
        reasons = [(one.candidate.program, one.outcome.reason) for one in done if not one.holds]
        reasons += [(one.program, one.reason) for one in seen.faulty.get(reading.document.place, [])]
        yield from notes_of(
            reading,
            admitted=[one.candidate.program for one in done if one.holds and one.candidate.program],
            reasons=[(program, reason or "") for program, reason in reasons if program],
        )


def report_of(seen: Survey, ended: dict[str, list[Done]], *, notes: dict[str, int], wall_s: float) -> IngestReport:
    """`notes`: place of a document -> how many of its notes were kept."""
    by_place = {reading.document.place: reading for reading in seen.readings}
    files = [
        _file_report(reading, ended.get(place, []), seen.faulty.get(place, []), notes.get(place, 0))
        for place, reading in by_place.items()
    ]
    outcomes = [outcome for file in files for outcome in file.programs]

    def ids(kind: Kind) -> list[str]:
        return sorted(outcome.id for outcome in outcomes if outcome.kind == kind and outcome.id)

    def told(kind: Kind) -> list[Rejected]:
        those = (one for one in outcomes if one.kind == kind)
        return [Rejected(source=one.source, reason=one.reason or "", about=one.about) for one in those]

    return IngestReport(
        admitted=ids("admitted"),
        rejected=[*seen.refused, *told("rejected")],
        unchanged=ids("unchanged"),
        duplicates=told("duplicate"),
        notes=sum(file.notes for file in files),
        flagged=[file.source for file in files if file.flags],
        skipped=dict(sorted(seen.skipped.items())),
        files=files,
        wall_s=round(wall_s, 2),
    )


def _file_report(reading: Reading, done: Sequence[Done], faulty: Sequence[Faulty], notes: int) -> FileReport:
    """Of a program the fault is a rejection; of a part of a document it is the reason why it became a note."""
    rejected = [Outcome(kind="rejected", source=one.source, reason=one.reason) for one in faulty if reading.is_file]
    programs = [*(one.outcome for one in done), *rejected]
    return FileReport(
        source=reading.document.name,
        kind=reading.document.format,
        encoding=reading.decoded.encoding,
        repaired=reading.decoded.repaired,
        license=reading.license,
        flags=reading.flags,
        programs=programs,
        notes=notes,
        remarks=reading.remarks,
        reason=None if programs or notes else _nothing_came_of(reading, faulty),
    )


def _nothing_came_of(reading: Reading, faulty: Sequence[Faulty]) -> str:
    if not reading.is_relevant:
        return NOT_ABOUT
    return faulty[0].reason if faulty else "it holds neither a program nor enough text for a note"
