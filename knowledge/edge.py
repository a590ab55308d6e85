"""The points of patterns as one shard of Qdrant's engine in this process: written once, read by many processes."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.embed import Embedder
from knowledge.errors import REBUILD, IndexUnavailable
from knowledge.points import FILTERED, Record, pattern_points
from knowledge.store import Asked, Kept, Rankings

if TYPE_CHECKING:
    import qdrant_edge


BATCH = 500
"""Points written at once."""
NEIGHBOURS = 1024
"""Looked at on the way through the graph of vectors, which the engine makes once there are some 20 MB of them.

At 100,000 patterns 96 in 100 of the exact answers are found. Some ten thousand are all compared.
"""


def write_shard(folder: Path, records: Sequence[Record], *, embedder: Embedder, vectors: Path) -> None:
    """One point per record. `vectors` is the file that remembers the vectors of texts from one index to the next."""
    from qdrant_edge import EdgeShard, PayloadSchemaType, Point, SparseVector, UpdateOperation

    folder.mkdir(parents=True)
    shard = EdgeShard.create(str(folder), _config(embedder.dim))
    try:
        points = (
            Point(uuid.UUID(one.id), {"dense": one.dense, "words": SparseVector(one.indices, one.values)}, one.payload)
            for one in pattern_points(records, embedder=embedder, remembered=vectors)
        )
        while batch := list(islice(points, BATCH)):
            shard.update(UpdateOperation.upsert_points(batch))
        # Without an index each filter reads whole patterns, which takes longer than all the rest.
        for field in FILTERED:
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
    """A finished shard, open for reading. See knowledge.store.Store for what each method promises."""

    def __init__(self, folder: Path, *, exact: bool = False) -> None:
        """`exact` compares every vector, whatever their number. Raises IndexUnavailable for what cannot be read."""
        self._folder = folder
        self._shard = _load(folder)
        self._exact = exact

    def rank(self, asked: Asked) -> Rankings:
        """See knowledge.store.Store."""
        from qdrant_edge import Query, SparseVector

        meaning = asked.dense and self._nearest(Query.Nearest([asked.dense], using="dense"), asked)
        words = asked.words and self._nearest(Query.Nearest(SparseVector(*asked.words), using="words"), asked)
        return Rankings(meaning or {}, words or {})

    def _nearest(self, query: "qdrant_edge.Query", asked: Asked) -> dict[str, float]:
        from qdrant_edge import QueryRequest, SearchParams

        params = SearchParams(hnsw_ef=NEIGHBOURS, exact=self._exact)
        request = QueryRequest(limit=asked.depth, query=query, filter=_filter(asked.wanted), params=params)
        with _readable(self._folder):
            return {str(point.id): point.score for point in self._shard.query(request)}

    def read(self, ids: Iterable[str]) -> dict[str, Kept]:
        """See knowledge.store.Store."""
        wanted = [uuid.UUID(id) for id in ids]
        with _readable(self._folder):
            points = self._shard.retrieve(wanted, with_payload=["record"], with_vector=["words"])
            return {str(point.id): Kept(point.payload["record"], point.vector["words"].indices) for point in points}

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


def _filter(wanted: dict[str, str | list[str]]) -> "qdrant_edge.Filter":
    from qdrant_edge import FieldCondition, Filter, MatchAny, MatchValue

    def match(value: str | list[str]) -> "MatchValue | MatchAny":
        return MatchValue(value) if isinstance(value, str) else MatchAny(value)

    return Filter(must=[FieldCondition(field, match=match(value)) for field, value in wanted.items()])
