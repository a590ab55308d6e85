"""From a question to patterns and notes: it is weighed, the engine ranks, and what is too far off is left out."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple, Protocol, Self

from knowledge.deprecations.asked import outdated_names
from knowledge.embed import Embedder
from knowledge.notes import Note
from knowledge.points import EITHER, NOTE, open_bm25
from knowledge.query import Evidence, meant_framework, names_something, without_frames
from knowledge.schema import Framework, Hit, Pattern, VettingStatus

NATURAL_WEIGHTS = [1.0, 1.2]
LEXICAL_WEIGHTS = [1.0, 1.8]
"""Of meaning and of words. Sums of scores did better than of reciprocal ranks, which forget who leads by how much."""
HALF_WORDS = 30.0
"""The BM25 score that counts half of what words can count at most."""
CANDIDATES = 4
"""Looked at per hit asked for, since some are dropped as too far off."""
DEPTH = 100
"""At least so many of each ranking are summed up: what only one of them holds lacks the other's score."""
STALE = 0.75
"""What the score of a pattern counts whose record is of other versions."""
FOUND: list[VettingStatus] = ["vetted", "stale"]
EVERY: list[VettingStatus] = [*FOUND, "unvetted", "rejected"]
Filters = Mapping[str, str | list[str] | None]
"""Field of the payload -> the value that it must have, one of several where it is a list; None for any."""


class Candidate(NamedTuple):
    """A point that an engine found."""

    score: float
    """The weighted sum of both."""
    cosine: float
    """Of its vector that is nearest to the query's; -1 where it is not among the nearest."""
    indices: list[int]
    """Its words, hashed."""
    record: str
    """The pattern or note, as JSON."""


class Store(Protocol):
    """An engine that holds the points of patterns."""

    def fused(
        self,
        dense: list[float],
        words: tuple[list[int], list[float]] | None,
        weights: list[float],
        *,
        wanted: dict[str, str | list[str]],
        limit: int,
    ) -> list[Candidate]:
        """The best by the sum of weights[0] * cosine and weights[1] * x / (x + HALF_WORDS), x being BM25's score.

        `wanted` are the values that fields of the payload must have, one of them where it is a list.
        """

    def get(self, pattern_id: str) -> str | None:
        """A pattern as JSON, whatever its status."""

    def __len__(self) -> int: ...

    def close(self) -> None:
        """Let go of what is held open."""


class Index:
    """Patterns and notes that can be found. Whatever the engine, the same calls give the same answers."""

    def __init__(self, store: Store, *, embedder: Embedder) -> None:
        self.store = store
        self._bm25 = open_bm25()
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
        Exact names and error texts weigh the words more. Patterns that were vetted on other versions are ranked
        down, and say so in their status; others come only without `vetted_only`. Safe in several threads.
        """
        query = without_frames(query)
        about = framework or meant_framework(query)
        wanted: Filters = {"framework": about, "role": role, "provides": provides}
        chosen = role is not None or provides is not None
        status = FOUND if vetted_only else EVERY
        return _ranked(self._near(query, {**wanted, "status": status}, k=k, chosen=chosen))[:k]

    def notes(self, query: str, *, framework: Framework | None = None, k: int = 3) -> list[Note]:
        """At most `k` notes, which nothing has proved, the best first; empty rather than far off."""
        query = without_frames(query)
        about = framework or meant_framework(query)
        wanted: Filters = {"framework": [about, EITHER] if about else None, "status": NOTE}
        near = self._near(query, wanted, k=k, chosen=False)
        return [Note.model_validate_json(one.record) for one, _ in near[:k]]

    def _near(self, query: str, wanted: Filters, *, k: int, chosen: bool) -> list[tuple[Candidate, float]]:
        """What is near to a query, with scores of at most 1; all that there is where `chosen`."""
        if not query or k < 1:
            return []
        lexical = names_something(query)
        weights = LEXICAL_WEIGHTS if lexical else NATURAL_WEIGHTS
        words = self._bm25.embed_query(query)
        # Whoever asks for an old name is to find what replaced it.
        instead = " ".join([query, *(old.fix for old in outdated_names(query))]) if lexical else query
        searched = self._bm25.embed_query(instead)
        found = self.store.fused(
            self._embed_query(query).tolist(),
            (searched.indices, searched.values) if searched.indices else None,
            weights,
            wanted={field: value for field, value in wanted.items() if value},
            limit=k * CANDIDATES,
        )
        seen = [_evidence(candidate, words.indices) for candidate in found]
        if not (chosen or any(evidence.answers(lexical=lexical) for evidence in seen)):
            return []
        # Cosine and words can give no more than the sum of their weights.
        scored = [(candidate, min(candidate.score / sum(weights), 1.0)) for candidate in found]
        return [one for one, evidence in zip(scored, seen, strict=True) if chosen or evidence.is_near(lexical=lexical)]

    def get(self, pattern_id: str) -> Pattern:
        """The pattern with this id, whatever its status. Raises KeyError."""
        found = self.store.get(pattern_id)
        if found is None:
            raise KeyError(f"no pattern {pattern_id!r} in the index; `gradproof search` lists what there is")
        return Pattern.model_validate_json(found)

    def __len__(self) -> int:
        return len(self.store)

    def close(self) -> None:
        """Let go of what the index holds open."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def _evidence(candidate: Candidate, tokens: list[int]) -> Evidence:
    return Evidence(candidate.cosine, len(set(tokens) & set(candidate.indices)) / max(len(tokens), 1))


def _ranked(near: Iterable[tuple[Candidate, float]]) -> list[Hit]:
    """The best first, equal ones by their ids; what is stale counts for less."""
    patterns = [(Pattern.model_validate_json(candidate.record), score) for candidate, score in near]
    hits = [Hit(pattern=one, score=score * (STALE if one.status == "stale" else 1.0)) for one, score in patterns]
    return sorted(hits, key=lambda hit: (-hit.score, hit.pattern.id))
