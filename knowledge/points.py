"""What of a pattern is compared with a query: its texts by meaning, its words one by one, and the fields for filters.

The same for every engine that holds the points, so that each finds the same.
"""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from knowledge.embed import Embedder
from knowledge.remember import embed_remembered
from knowledge.schema import Pattern

if TYPE_CHECKING:
    import qdrant_edge

FILTERED = ("framework", "role", "provides", "status", "topic")
"""Kept beside the pattern for filters."""


class PatternPoint(NamedTuple):
    """One pattern as an engine keeps it."""

    id: uuid.UUID
    dense: list[list[float]]
    """Several vectors of unit length; the nearest to a query counts."""
    indices: list[int]
    """Words, hashed."""
    values: list[float]
    """BM25 weight of each word, without its rarity, which the engine knows."""
    payload: dict[str, str | None]


def pattern_points(patterns: list[Pattern], *, embedder: Embedder, remembered: Path) -> Iterator[PatternPoint]:
    """One point per pattern, in order. `remembered` keeps the vectors of texts from one index to the next."""
    texts = [meanings(pattern) for pattern in patterns]
    flat = [text for group in texts for text in group]
    vectors = iter(embed_remembered(flat, embedder=embedder, path=remembered))
    bm25 = open_bm25()
    for pattern, group in zip(patterns, texts, strict=True):
        words = bm25.embed_document(_words(pattern))
        payload = {field: getattr(pattern, field) for field in FILTERED} | {"pattern": pattern.model_dump_json()}
        dense = [next(vectors).tolist() for _ in group]
        yield PatternPoint(point_id(pattern.id), dense, words.indices, words.values, payload)


def open_bm25() -> "qdrant_edge.Bm25":
    """BM25 whose tokens are those of code: `clip_grad_norm_` is found by its parts too. Needs no network."""
    from qdrant_edge import Bm25, Bm25Config, TokenizerType

    return Bm25(Bm25Config(tokenizer=TokenizerType.Code))


def point_id(pattern_id: str) -> uuid.UUID:
    """The id under which an engine keeps this pattern."""
    return uuid.uuid5(uuid.NAMESPACE_URL, pattern_id)


def meanings(pattern: Pattern) -> list[str]:
    """What is compared by meaning, each text on its own: a mean of all of them is near to no question.

    Names are not among them: as vectors they find nothing that they do not find as words.
    """
    return [pattern.title, *pattern.questions, *pattern.errors, pattern.why]


def _words(pattern: Pattern) -> str:
    """What is compared word by word. Names by which people look count twice: once here, once in the code."""
    names = [*pattern.apis, *pattern.replaces, *pattern.errors]
    told = [pattern.title, pattern.summary, pattern.topic, *pattern.questions, pattern.why, pattern.pitfalls]
    return "\n".join([*told, *names, *names, pattern.code])
