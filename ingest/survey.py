"""Everything that the sources hold, read and sorted before anything is run."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel

from ingest.candidates import Candidate, Faulty
from ingest.documents import find_documents
from ingest.errors import Unreadable
from ingest.reading import Reading
from ingest.reading_process import READING_S, ReadingProcess
from ingest.schema import Rejected
from ingest.shelf import Shelf


class Survey(BaseModel):
    """What the sources offer."""

    readings: list[Reading] = []
    candidates: list[Candidate] = []
    faulty: dict[str, list[Faulty]] = {}
    """Place of a document -> what in it cannot be a pattern."""
    refused: list[Rejected] = []
    skipped: dict[str, int] = {}


def survey(sources: Sequence[Path | str], *, repository: Shelf, limit: float = READING_S) -> Survey:
    """Read every source, each document for at most `limit` seconds. One that several of them hold is read once.

    What lies in `repository` is trusted.
    """
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
                    offer = process.offer_of(document, trusted=repository.holds(document.file))
                except Unreadable as fault:
                    seen.refused.append(Rejected(source=document.name, reason=str(fault), about=fault.about))
                else:
                    seen.readings.append(offer.reading)
                    seen.faulty[document.place] = offer.faulty
                    seen.candidates += offer.candidates
    seen.skipped = dict(skipped)
    seen.candidates = _with_ids_of_their_own(seen, repository)
    return seen


def _with_ids_of_their_own(seen: Survey, repository: Shelf) -> list[Candidate]:
    """Those whose ids nothing else has; ids that were made never clash, those that people write may."""
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
