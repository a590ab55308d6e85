"""The index as one shard of Qdrant's engine in this process: written once, then read by any number of processes."""

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Self

from knowledge.embed import Embedder
from knowledge.errors import IndexUnavailable
from knowledge.query import Evidence, named_framework, names_something, without_frames
from knowledge.remember import embed_remembered
from knowledge.schema import Framework, Hit, Pattern

if TYPE_CHECKING:
    import numpy as np
    import qdrant_edge

REBUILD = "run `gradproof ingest --rebuild`"
FILTERED = ("framework", "role", "provides", "status", "topic")
"""Kept beside the pattern for filters. They have no index of their own: a few thousand points are scanned faster."""
RRF_K = 2
"""Qdrant's own default: the first ranks decide."""
NATURAL_WEIGHTS = [1.0, 0.5]
LEXICAL_WEIGHTS = [0.5, 1.0]
CANDIDATES = 4
"""Looked at per hit asked for, since some are dropped as too far off."""


def write_shard(folder: Path, patterns: list[Pattern], *, embedder: Embedder, vectors: Path) -> None:
    """One point per pattern: its texts as dense vectors of which the nearest counts, its words as one sparse vector.

    `vectors` is the file that remembers the vectors of texts from one index to the next.
    """
    from qdrant_edge import EdgeShard, UpdateOperation

    folder.mkdir(parents=True)
    shard = EdgeShard.create(str(folder), _config(embedder.dim))
    try:
        if patterns:
            shard.update(UpdateOperation.upsert_points(_points(patterns, embedder, vectors)))
        shard.optimize()
        shard.flush()
    finally:
        shard.close()


def _config(dim: int) -> "qdrant_edge.EdgeConfig":
    import qdrant_edge as qdrant

    nearest = qdrant.MultiVectorConfig(qdrant.MultiVectorComparator.MaxSim)
    return qdrant.EdgeConfig(
        vectors={"dense": qdrant.EdgeVectorParams(dim, qdrant.Distance.Cosine, multivector_config=nearest)},
        sparse_vectors={"words": qdrant.EdgeSparseVectorParams(modifier=qdrant.Modifier.Idf)},
        wal_enabled=False,
    )


def _points(patterns: list[Pattern], embedder: Embedder, remembered: Path) -> list["qdrant_edge.Point"]:
    from qdrant_edge import Point

    texts = [_meanings(pattern) for pattern in patterns]
    flat = [text for group in texts for text in group]
    vectors = iter(embed_remembered(flat, embedder=embedder, path=remembered).tolist())
    bm25 = _bm25()
    points = []
    for pattern, group in zip(patterns, texts, strict=True):
        vector = {"dense": [next(vectors) for _ in group], "words": bm25.embed_document(_words(pattern))}
        payload = {field: getattr(pattern, field) for field in FILTERED} | {"pattern": pattern.model_dump_json()}
        points.append(Point(_point_id(pattern.id), vector, payload))
    return points


def _meanings(pattern: Pattern) -> list[str]:
    """What is compared by meaning, each text on its own: a mean of all of them is near to no question."""
    return [pattern.title, *pattern.questions, *pattern.errors, *pattern.replaces, ", ".join(pattern.apis), pattern.why]


def _words(pattern: Pattern) -> str:
    """What is compared word by word. Names by which people look count twice: once here, once in the code."""
    names = [*pattern.apis, *pattern.replaces, *pattern.errors]
    return "\n".join([pattern.title, pattern.topic, *pattern.questions, *names, *names, pattern.code])


def _bm25() -> "qdrant_edge.Bm25":
    from qdrant_edge import Bm25, Bm25Config, TokenizerType

    return Bm25(Bm25Config(tokenizer=TokenizerType.Code))


def _point_id(pattern_id: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, pattern_id)


class EdgeIndex:
    """A finished shard, open for reading. See knowledge.index.Index for what each method promises."""

    def __init__(self, folder: Path, *, embedder: Embedder) -> None:
        """Raises IndexUnavailable when the engine cannot read `folder`."""
        self._embedder = embedder
        self._bm25 = _bm25()
        self._shard = _load(folder)

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
        """See knowledge.index.Index."""
        query = without_frames(query)
        if not query or k < 1:
            return []
        wanted = {"framework": framework or named_framework(query), "role": role, "provides": provides}
        if vetted_only:
            wanted["status"] = "vetted"
        lexical = names_something(query)
        weights = LEXICAL_WEIGHTS if lexical else NATURAL_WEIGHTS
        dense = self._embedder.embed([query])[0]
        words = self._bm25.embed_query(query)
        points = self._fused(dense, words if words.indices else None, weights, _filter(wanted), limit=k * CANDIDATES)
        evidence = [_evidence(point, dense, words.indices) for point in points]
        chosen = role is not None or provides is not None
        if not (chosen or any(seen.answers(lexical=lexical) for seen in evidence)):
            return []
        best = sum(1 / (1 / weight + RRF_K - 1) for weight in weights)
        near = [point for point, seen in zip(points, evidence, strict=True) if chosen or seen.is_near(lexical=lexical)]
        return [Hit(pattern=_pattern(point), score=min(point.score / best, 1.0)) for point in near[:k]]

    def _fused(
        self,
        dense: "np.ndarray",
        words: "qdrant_edge.SparseVector | None",
        weights: list[float],
        conditions: "qdrant_edge.Filter | None",
        *,
        limit: int,
    ) -> list["qdrant_edge.ScoredPoint"]:
        from qdrant_edge import Fusion, Prefetch, Query, QueryRequest, SearchParams

        exact = SearchParams(exact=True)
        nearest = [Query.Nearest([dense.tolist()], using="dense")]
        if words:
            nearest.append(Query.Nearest(words, using="words"))
        return self._shard.query(
            QueryRequest(
                limit=limit,
                prefetches=[Prefetch(limit * 2, query=query, filter=conditions, params=exact) for query in nearest],
                query=Fusion.Rrf(RRF_K, weights=weights[: len(nearest)]),
                with_payload=["pattern"],
                with_vector=["dense", "words"],
            )
        )

    def get(self, pattern_id: str) -> Pattern:
        """See knowledge.index.Index."""
        points = self._shard.retrieve([_point_id(pattern_id)], with_payload=["pattern"], with_vector=False)
        if not points:
            raise KeyError(f"no pattern {pattern_id!r} in the index; `gradproof search` lists what there is")
        return _pattern(points[0])

    def __len__(self) -> int:
        from qdrant_edge import CountRequest

        return self._shard.count(CountRequest())

    def close(self) -> None:
        """Let go of the files."""
        self._shard.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def _load(folder: Path) -> "qdrant_edge.EdgeShard":
    from qdrant_edge import EdgeShard

    try:
        return EdgeShard.load(str(folder))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # the engine's panics derive from BaseException
        raise IndexUnavailable(f"the index in {folder} cannot be read ({error}); {REBUILD}") from None


def _filter(wanted: dict[str, str | None]) -> "qdrant_edge.Filter | None":
    from qdrant_edge import FieldCondition, Filter, MatchValue

    return Filter(must=[FieldCondition(key, match=MatchValue(value)) for key, value in wanted.items() if value])


def _evidence(point: "qdrant_edge.ScoredPoint", dense: "np.ndarray", tokens: list[int]) -> Evidence:
    import numpy as np

    cosine = float((np.asarray(point.vector["dense"]) @ dense).max())
    return Evidence(cosine, len(set(tokens) & set(point.vector["words"].indices)) / max(len(tokens), 1))


def _pattern(point: "qdrant_edge.ScoredPoint | qdrant_edge.Record") -> Pattern:
    return Pattern.model_validate_json(point.payload["pattern"])
