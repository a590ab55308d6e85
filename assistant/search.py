"""Search results in the shape that `gradproof search` prints."""

import time
from typing import Any

from pydantic import BaseModel

from assistant.schema import Framework
from knowledge.deprecations.asked import Outdated, outdated_names
from knowledge.query import without_frames
from knowledge.schema import Hit, VettingStatus
from knowledge.search import Index

PROOF = {"framework_version", "python", "date", "checks", "sha256"}


class FoundPattern(BaseModel):
    """One pattern, with its program and the run that proved it."""

    id: str
    title: str
    framework: Framework
    score: float
    code: str
    why: str
    symbols: list[str]
    topics: list[str]
    source: str
    status: VettingStatus
    """`stale` where it was vetted on other versions than those that are installed."""
    vetted: dict[str, Any] | None


class FoundNote(BaseModel):
    """A section of a document that was ingested: reference, of which nothing was proved here."""

    title: str
    text: str
    """A quotation where `flags` is not empty."""
    source: str
    license: str
    flags: list[str]
    reason: str
    """Why it is not vetted."""


class SearchResults(BaseModel):
    """What was found, best first, and how long it took."""

    results: list[FoundPattern]
    outdated: list[Outdated] = []
    """Old names in the query, each with what to write instead."""
    notes: list[FoundNote] = []
    """What ingested documents say of it; never among the results."""
    took_ms: float


def search_patterns(query: str, index: Index, *, k: int, framework: Framework | None) -> SearchResults:
    """Retrieval alone; no results where nothing is near enough."""
    started = time.perf_counter()
    hits = index.search(query, framework=framework, k=k)
    notes = [FoundNote.model_validate(note.model_dump()) for note in index.notes(query, framework=framework)]
    took_ms = round(1000 * (time.perf_counter() - started), 3)
    results = [_found(hit) for hit in hits]
    return SearchResults(results=results, outdated=outdated_names(without_frames(query)), notes=notes, took_ms=took_ms)


def _found(hit: Hit) -> FoundPattern:
    pattern = hit.pattern
    return FoundPattern(
        id=pattern.id,
        title=pattern.title,
        framework=pattern.framework,
        score=round(hit.score, 4),
        code=pattern.code,
        why=pattern.why,
        symbols=pattern.apis,
        topics=[pattern.topic],
        source=pattern.source,
        status=pattern.status,
        vetted=pattern.vetting.model_dump(include=PROOF) if pattern.vetting else None,
    )
