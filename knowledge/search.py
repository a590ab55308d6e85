"""From a question to patterns and notes: it is weighed, the engine ranks, and what is too far off is left out."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple, Self

from knowledge.embed import Embedder
from knowledge.notes import Note
from knowledge.points import EITHER, NOTE, open_bm25, point_id
from knowledge.query import Evidence, meant_framework, seek, without_frames
from knowledge.schema import Framework, Hit, Pattern, VettingStatus
from knowledge.store import Asked, Kept, Rankings, Store
from knowledge.words import well_spelt

WORDS_COUNT = 2.0
"""At most, where meaning counts 1. Sums of scores did better than of reciprocal ranks, which forget who leads by how
much."""
HALF_WORDS = 20.0
"""The BM25 score that counts half of what words can count at most."""
PER_HIT = 4
"""Looked at per hit asked for, since some are dropped as too far off."""
DEPTH = 200
"""At least so many of each ranking are summed up: what only one of them holds lacks the other's score."""
STALE = 0.75
"""What the score of a pattern counts whose record is of other versions."""
NOT_NEAR = -1.0
"""The cosine of what is not among the nearest by meaning."""
HOLDS: list[VettingStatus] = ["vetted", "stale"]
ANY: list[VettingStatus] = [*HOLDS, "unvetted", "rejected"]
Filters = Mapping[str, str | list[str] | None]
"""Field of the payload -> the value that it must have, one of several where it is a list; None for any."""


class Scored(NamedTuple):
    """A point with the weighted sum of its scores."""

    kept: Kept
    score: float
    """At most 1."""
    evidence: Evidence


class Index:
    """Patterns and notes that can be found. Whatever the engine, the same calls give the same answers."""

    def __init__(self, store: Store, *, embedder: Embedder) -> None:
        self.store = store
        self._bm25 = open_bm25()
        self._english = embedder.english_only
        # A question is asked more than once: for patterns and for notes, and again after a repair.
        self._embed_query = lru_cache(maxsize=64)(embedder.embed_query)

    def search(
        self,
        query: str,
        *,
        framework: Framework | None = None,
        role: str | None = None,
        provides: str | None = None,
        vetted_only: bool = True,
        k: int = 5,
    ) -> list[Hit]:
        """At most `k` patterns, the best first, by meaning and by words; empty rather than far off.

        Where no framework is given, a query that is plainly about one finds only its patterns.
        Where `role` or `provides` is given, the caller knows what is wanted: the query then only orders what fits.
        Words are found misspelt, too. Where the model reads English only, another language finds by its names or words.
        Patterns that were vetted on other versions are ranked down, and say so in their status; others come only
        without `vetted_only`. Safe in several threads.
        """
        chosen = role is not None or provides is not None
        fields = {"role": role, "provides": provides, "status": HOLDS if vetted_only else ANY}
        return _ranked(self._near(query, framework, fields, k=k, chosen=chosen))[:k]

    def notes(self, query: str, *, framework: Framework | None = None, k: int = 3) -> list[Note]:
        """At most `k` notes, which nothing has proved, the best first; empty rather than far off."""
        near = self._near(query, framework, {"status": NOTE}, k=k)
        return [Note.model_validate_json(one.kept.record) for one in near[:k]]

    def _near(
        self, query: str, framework: Framework | None, fields: Filters, *, k: int, chosen: bool = False
    ) -> list[Scored]:
        """What is near to a query, the best first; all that there is where `chosen`."""
        query = without_frames(query)
        if not query or k < 1:
            return []
        sought = seek(query, english_only=self._english and not chosen)
        about = framework or meant_framework(well_spelt(query))
        wanted: Filters = {**fields, "framework": [about, EITHER] if about else None}
        words = self._bm25.embed_query(sought.words)
        asked = Asked(
            self._embed_query(sought.text).tolist() if sought.by_meaning else None,
            (words.indices, words.values) if words.indices else None,
            {field: value for field, value in wanted.items() if value},
            max(2 * PER_HIT * k, DEPTH),
        )
        found = self._scored(asked, self._bm25.embed_query(sought.text).indices, limit=PER_HIT * k)
        if not (chosen or any(one.evidence.answers(lexical=sought.lexical) for one in found)):
            return []
        return [one for one in found if chosen or one.evidence.is_near(lexical=sought.lexical)]

    def _scored(self, asked: Asked, tokens: list[int], *, limit: int) -> list[Scored]:
        """The best `limit` by both rankings; of `tokens` each shows how many it holds."""
        rankings = self.store.rank(asked)
        scores = fused(rankings)
        best = sorted(scores, key=lambda id: (-scores[id], id))[:limit]
        kept = self.store.read(best)
        cosines = [rankings.meaning.get(id, NOT_NEAR) for id in best]
        return [
            Scored(kept[id], scores[id], Evidence(cosine, _coverage(tokens, kept[id].words)))
            for id, cosine in zip(best, cosines, strict=True)
            if id in kept
        ]

    def get(self, pattern_id: str) -> Pattern:
        """The pattern with this id, whatever its status. Raises KeyError."""
        kept = self.store.read([point_id(pattern_id)])
        if not kept:
            raise KeyError(f"no pattern {pattern_id!r} in the index; `gradproof search` lists what there is")
        return Pattern.model_validate_json(kept[point_id(pattern_id)].record)

    def __len__(self) -> int:
        return len(self.store)

    def close(self) -> None:
        """Let go of what the index holds open."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def fused(rankings: Rankings) -> dict[str, float]:
    """Id -> the weighted mean of cosine and x / (x + HALF_WORDS), x being BM25's score; 0 where one is missing."""
    ids = rankings.meaning.keys() | rankings.words.keys()
    return {id: _mean(rankings.meaning.get(id, 0.0), rankings.words.get(id, 0.0)) for id in ids}


def _mean(cosine: float, bm25: float) -> float:
    score = (max(cosine, 0.0) + WORDS_COUNT * bm25 / (bm25 + HALF_WORDS)) / (1 + WORDS_COUNT)
    return min(score, 1.0)  # a cosine is rounded


def _coverage(tokens: list[int], words: list[int]) -> float:
    return len(set(tokens) & set(words)) / max(len(tokens), 1)


def _ranked(near: Iterable[Scored]) -> list[Hit]:
    """The best first, equal ones by their ids; what is stale counts for less."""
    patterns = [(Pattern.model_validate_json(one.kept.record), one.score) for one in near]
    hits = [Hit(pattern=one, score=score * (STALE if one.status == "stale" else 1.0)) for one, score in patterns]
    return sorted(hits, key=lambda hit: (-hit.score, hit.pattern.id))
