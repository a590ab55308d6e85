"""A new collection on a Qdrant server, filled in batches. Nobody reads it before it is whole."""

import contextlib
import time
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from knowledge.connection import Manifest, Server
from knowledge.errors import REBUILD, IndexUnavailable
from knowledge.failures import is_transient
from knowledge.points import FILTERED, PatternPoint

if TYPE_CHECKING:
    from qdrant_client import QdrantClient, models

BATCH = 256
"""Points sent at once, and fewer where they have many vectors:"""
FLOATS = 400_000
"""some 8 MB as JSON; a server takes 32 MB."""
TRIES = 3
SIGN_OF_LIFE_S = 30.0


def fill_collection(
    client: "QdrantClient", server: Server, manifest: Manifest, points: Iterable[PatternPoint], dim: int
) -> None:
    """A new collection with all of it; nothing is left behind where that fails."""
    batches = _batches(points, dim=dim)
    first = next(batches, [])  # The vectors are computed here: no half collection waits for them.
    manifest = manifest.model_copy(update={"touched": time.time()})
    try:
        _create(client, server, manifest, dim)
        for batch in chain([first] if first else [], batches):
            _upsert(client, manifest.collection, batch)
            manifest = _touch(client, manifest)
        held = client.count(manifest.collection, exact=True).count
        if held != manifest.records:
            raise IndexUnavailable(f"{server.address} kept {held} of {manifest.records} patterns and notes; {REBUILD}")
    except BaseException:
        with contextlib.suppress(Exception):
            client.delete_collection(manifest.collection)
        raise


def _create(client: "QdrantClient", server: Server, manifest: Manifest, dim: int) -> None:
    from qdrant_client import models

    int8 = models.ScalarQuantizationConfig(type=models.ScalarType.INT8, quantile=0.99, always_ram=True)
    dense = models.VectorParams(
        size=dim,
        distance=models.Distance.COSINE,
        multivector_config=models.MultiVectorConfig(comparator=models.MultiVectorComparator.MAX_SIM),
        on_disk=True,  # The 8-bit copy is in memory; these are read for the few that are compared again.
        quantization_config=models.ScalarQuantization(scalar=int8),
        hnsw_config=models.HnswConfigDiff(m=16, ef_construct=128),
    )
    client.create_collection(
        manifest.collection,
        vectors_config={"dense": dense},
        sparse_vectors_config={"words": models.SparseVectorParams(modifier=models.Modifier.IDF)},
        shard_number=server.shards,
        replication_factor=server.replicas,
        write_consistency_factor=server.replicas,  # Whichever replica answers has all.
        on_disk_payload=True,
        metadata=manifest.model_dump(),
    )
    for field in FILTERED:
        client.create_payload_index(manifest.collection, field, models.PayloadSchemaType.KEYWORD, wait=True)


def _batches(points: Iterable[PatternPoint], *, dim: int) -> Iterator[list["models.PointStruct"]]:
    batch: list[models.PointStruct] = []
    floats = 0
    for point in points:
        size = dim * len(point.dense)
        if batch and (len(batch) == BATCH or floats + size > FLOATS):
            yield batch
            batch, floats = [], 0
        batch.append(_struct(point))
        floats += size
    if batch:
        yield batch


def _struct(point: PatternPoint) -> "models.PointStruct":
    from qdrant_client import models

    words = models.SparseVector(indices=point.indices, values=point.values)
    return models.PointStruct(id=point.id, vector={"dense": point.dense, "words": words}, payload=point.payload)


def _upsert(client: "QdrantClient", name: str, batch: list["models.PointStruct"]) -> None:
    from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

    tries = Retrying(
        retry=retry_if_exception(is_transient),
        stop=stop_after_attempt(TRIES),
        wait=wait_exponential(multiplier=0.5),
        reraise=True,
    )
    tries(client.upsert, name, batch, wait=True)


def _touch(client: "QdrantClient", manifest: Manifest) -> Manifest:
    """Give a sign of life, now and then."""
    now = time.time()
    if now - manifest.touched < SIGN_OF_LIFE_S:
        return manifest
    client.update_collection(manifest.collection, metadata={"touched": now})
    return manifest.model_copy(update={"touched": now})
