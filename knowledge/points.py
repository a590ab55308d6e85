"""What of a pattern or note is compared with a query: its texts by meaning, its words one by one, and filters.

The same for every engine that holds the points, so that each finds the same.
"""

import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from knowledge.embed import Embedder
from knowledge.notes import Note
from knowledge.remember import embed_remembered
from knowledge.schema import Pattern

if TYPE_CHECKING:
    import qdrant_edge

Record = Pattern | Note
FILTERED = ("framework", "role", "provides", "status", "topic")
"""Kept beside the record for filters; the status of a note is NOTE, which no pattern has."""
NOTE = "note"
EITHER = "either"
"""The framework of a note that is about both, or does not say."""
SHOWN = 700
"""Characters of a note that are compared by meaning, some 150 words: a model reads no more than 256 word pieces."""


class PatternPoint(NamedTuple):
    """One pattern or note as an engine keeps it."""

    id: str
    dense: list[list[float]]
    """Several vectors of unit length; the nearest to a query counts."""
    indices: list[int]
    """Words, hashed."""
    values: list[float]
    """BM25 weight of each word, without its rarity, which the engine knows."""
    payload: dict[str, str | None]


def pattern_points(records: Sequence[Record], *, embedder: Embedder, remembered: Path) -> Iterator[PatternPoint]:
    """One point per record, in order. `remembered` keeps the vectors of texts from one index to the next."""
    texts = [meanings(record) for record in records]
    flat = [text for group in texts for text in group]
    vectors = iter(embed_remembered(flat, embedder=embedder, path=remembered))
    bm25 = open_bm25()
    for record, group in zip(records, texts, strict=True):
        words = bm25.embed_document(_words(record))
        payload = {field: getattr(record, field, None) for field in FILTERED} | {"record": record.model_dump_json()}
        if isinstance(record, Note):
            payload |= {"status": NOTE, "framework": record.framework or EITHER}
        dense = [next(vectors).tolist() for _ in group]
        yield PatternPoint(point_id(record.id), dense, words.indices, words.values, payload)


def open_bm25() -> "qdrant_edge.Bm25":
    """BM25 whose tokens are those of code: `clip_grad_norm_` is found by its parts too. Needs no network."""
    from qdrant_edge import Bm25, Bm25Config, TokenizerType

    return Bm25(Bm25Config(tokenizer=TokenizerType.Code))


def point_id(record_id: str) -> str:
    """The id under which an engine keeps this record, a UUID."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, record_id))


def meanings(record: Record) -> list[str]:
    """What is compared by meaning, each text on its own: a mean of all of them is near to no question.

    Names are not among them: as vectors they find nothing that they do not find as words.
    """
    if isinstance(record, Note):
        return [record.title, record.text[:SHOWN]] if record.text else [record.title]
    return [record.title, *record.questions, *record.errors, record.why]


def _words(record: Record) -> str:
    """What is compared word by word. Names by which people look count twice: once here, once in the code."""
    if isinstance(record, Note):
        return "\n".join([record.title, record.topic, record.text, *(block.code for block in record.code)])
    names = [*record.apis, *record.replaces, *record.errors]
    told = [record.title, record.summary, record.topic, *record.questions, record.why, record.pitfalls]
    return "\n".join([*told, *names, *names, record.code])
