"""The points of patterns as one shard of Qdrant's engine in this process: written once, read by many processes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.embed import Embedder
from knowledge.errors import REBUILD, IndexUnavailable
from knowledge.points import FILTERED, Record, pattern_points, point_id
from knowledge.search import DEPTH, HALF_WORDS, Candidate

if TYPE_CHECKING:
    import qdrant_edge


BATCH = 500
"""Points written at once."""
NEIGHBOURS = 1024
"""Looked at on the way through the graph of vectors, which the engine makes once there are some 20 MB of them.

At 100,000 patterns 94 in 100 of the exact answers are found; with 128, 72. A few thousand are all compared.
"""


def write_shard(folder: Path, records: Sequence[Record], *, embedder: Embedder, vectors: Path) -> None:
    """One point per record. `vectors` is the file that remembers the vectors of texts from one index to the next."""
    from qdrant_edge import EdgeShard, PayloadSchemaType, Point, SparseVector, UpdateOperation

    folder.mkdir(parents=True)
    shard = EdgeShard.create(str(folder), _config(embedder.dim))
    try:
        points = (
            Point(one.id, {"dense": one.dense, "words": SparseVector(one.indices, one.values)}, one.payload)
            for one in pattern_points(records, embedder=embedder, remembered=vectors)
        )
        while batch := list(islice(points, BATCH)):
            shard.update(UpdateOperation.upsert_points(batch))
        for (
            field
        ) in FILTERED:  # without an index each filter reads whole patterns, which takes longer than all the rest
            shard.update(UpdateOperation.create_field_index(field, PayloadSchemaType.Keyword))
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


class EdgeStore:
    """A finished shard, open for reading. See knowledge.search.Store for what each method promises."""

    def __init__(self, folder: Path, *, exact: bool = False) -> None:
        """`exact` compares every vector, whatever their number. Raises IndexUnavailable for what cannot be read."""
        self._folder = folder
        self._shard = _load(folder)
        self._exact = exact

    def fused(
        self,
        dense: list[float],
        words: tuple[list[int], list[float]] | None,
        weights: list[float],
        *,
        wanted: dict[str, str | list[str]],
        limit: int,
    ) -> list[Candidate]:
        """See knowledge.search.Store."""
        from qdrant_edge import Prefetch, Query, QueryRequest, SearchParams, SparseVector

        params, conditions = SearchParams(hnsw_ef=NEIGHBOURS, exact=self._exact), _filter(wanted)
        depth = max(2 * limit, DEPTH)
        by_meaning = Query.Nearest([dense], using="dense")
        rankings = [by_meaning, *([Query.Nearest(SparseVector(*words), using="words")] if words else [])]
        fused = QueryRequest(
            limit=limit,
            prefetches=[Prefetch(depth, query=query, filter=conditions, params=params) for query in rankings],
            query=_fusion(weights, both=words is not None),
            with_payload=["record"],
            with_vector=["words"],
        )
        # The fusion keeps no cosines. Asking for them again costs less than taking the vectors out of the engine.
        nearest = QueryRequest(limit=depth, query=by_meaning, filter=conditions, params=params)
        with _readable(self._folder):
            found, compared = self._shard.query(fused), self._shard.query(nearest)
        cosines = {point.id: point.score for point in compared}
        return [_candidate(point, cosines.get(point.id, -1.0)) for point in found]

    def get(self, pattern_id: str) -> str | None:
        """See knowledge.search.Store."""
        with _readable(self._folder):
            points = self._shard.retrieve([point_id(pattern_id)], with_payload=["record"], with_vector=False)
        return points[0].payload["record"] if points else None

    def __len__(self) -> int:
        from qdrant_edge import CountRequest

        return self._shard.count(CountRequest())

    def close(self) -> None:
        """Let go of the files."""
        self._shard.close()


def _load(folder: Path) -> "qdrant_edge.EdgeShard":
    from qdrant_edge import EdgeShard

    with _readable(folder):
        return EdgeShard.load(str(folder))


@contextmanager
def _readable(folder: Path) -> Iterator[None]:
    """What the engine raises for damaged files, as what mends them; its panics derive from BaseException."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise IndexUnavailable(f"the index in {folder} cannot be read ({error}); {REBUILD}") from None


def _fusion(weights: list[float], *, both: bool) -> "qdrant_edge.Formula":
    """The weighted sum of cosine and BM25, the latter as x / (x + HALF_WORDS) so that it stays below one."""
    from qdrant_edge import Expression, Formula

    meaning, words = (Expression.Variable(f"$score[{place}]") for place in (0, 1))
    parts = [Expression.Mult([Expression.Constant(weights[0]), meaning])]
    if both:
        share = Expression.Div(words, Expression.Sum([words, Expression.Constant(HALF_WORDS)]), by_zero_default=0.0)
        parts.append(Expression.Mult([Expression.Constant(weights[1]), share]))
    return Formula(Expression.Sum(parts), defaults={"$score[0]": 0.0, "$score[1]": 0.0})


def _filter(wanted: dict[str, str | list[str]]) -> "qdrant_edge.Filter":
    from qdrant_edge import FieldCondition, Filter, MatchAny, MatchValue

    def match(value: str | list[str]) -> "MatchValue | MatchAny":
        return MatchValue(value) if isinstance(value, str) else MatchAny(value)

    return Filter(must=[FieldCondition(field, match=match(value)) for field, value in wanted.items()])


def _candidate(point: "qdrant_edge.ScoredPoint", cosine: float) -> Candidate:
    return Candidate(point.score, cosine, point.vector["words"].indices, point.payload["record"])
