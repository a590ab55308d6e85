"""Put an index on a Qdrant server: a new collection each time, which takes the old one's place when it is whole."""

import contextlib
import re
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.connection import (
    Note,
    Server,
    check_version,
    connect,
    current_note,
    explained,
    is_missing,
    is_transient,
    read_note,
)
from knowledge.embed import Embedder
from knowledge.errors import REBUILD, IndexUnavailable
from knowledge.points import FILTERED, PatternPoint, Record, pattern_points

if TYPE_CHECKING:
    from qdrant_client import QdrantClient, models

BATCH = 256
"""Points sent at once, and fewer where they have many vectors:"""
FLOATS = 400_000
"""some 8 MB as JSON; a server takes 32 MB."""
TRIES = 3
TIMEOUT_S = 60.0
SIGN_OF_LIFE_S = 30.0
ABANDONED_S = 300.0
"""After so long without a sign of life nobody builds a collection any more."""


def current_collection(server: Server, *, embedder: str) -> str | None:
    """The collection behind the alias; None before the first. Raises IndexUnavailable where it cannot be used."""
    with _open(server) as client:
        note = current_note(client, server, embedder=embedder)
        return note.collection if note else None


def publish(
    records: Sequence[Record],
    server: Server,
    *,
    embedder: Embedder,
    fingerprint: str,
    vectors: Path,
    rebuild: bool = False,
) -> str:
    """Make a collection of exactly these records the current one, and return its name.

    Nothing is uploaded where a whole one with this fingerprint is there. `vectors` is the file that remembers the
    vectors of texts. What fails leaves the current one as it was. Raises IndexUnavailable, also where another model
    made the current one, unless it is to be rebuilt.
    """
    with _open(server) as client:
        if read_note(client, server.collection) is None and client.collection_exists(server.collection):
            raise IndexUnavailable(
                f"{server.collection!r} at {server.address} is a collection that gradproof did not make; "
                "set GRADPROOF_QDRANT_COLLECTION to another name"
            )
        if not rebuild:
            current = current_note(client, server, embedder=embedder.name)
            if found := _whole(client, server, current, fingerprint):
                return found
        note = _note(records, server, embedder, fingerprint)
        _fill(client, server, note, pattern_points(records, embedder=embedder, remembered=vectors), embedder.dim)
        # Where an answer is lost from here on, it may have been done: nothing is deleted.
        before = _switch(client, server, note.collection)
        client.update_collection(note.collection, metadata={"complete": True})
        _prune(client, server, keep={note.collection, before or ""})
        return note.collection


@contextlib.contextmanager
def _open(server: Server) -> Iterator["QdrantClient"]:
    with explained(server), contextlib.closing(connect(server, timeout_s=TIMEOUT_S)) as client:
        check_version(client, server)
        yield client


def _note(records: Sequence[Record], server: Server, embedder: Embedder, fingerprint: str) -> Note:
    return Note(
        collection=f"{server.collection}-{fingerprint}-{uuid.uuid4().hex[:8]}",
        alias=server.collection,
        embedder=embedder.name,
        fingerprint=fingerprint,
        patterns=len(records),
        touched=time.time(),
    )


def _whole(client: "QdrantClient", server: Server, current: Note | None, fingerprint: str) -> str | None:
    """The collection with this fingerprint, now the current one: machines with other patterns may take turns."""
    if current and current.fingerprint == fingerprint:
        return current.collection
    for name in sorted(_collections(client, server)):
        note = read_note(client, name) if f"-{fingerprint}-" in name else None
        if note and note.complete:
            _switch(client, server, name)
            return name
    return None


def _fill(client: "QdrantClient", server: Server, note: Note, points: Iterable[PatternPoint], dim: int) -> None:
    """A new collection with all of it; nothing is left behind where that fails."""
    batches = _batches(points, dim=dim)
    first = next(batches, [])  # The vectors are computed here: no half collection waits for them.
    try:
        _create(client, server, note, dim)
        for batch in chain([first] if first else [], batches):
            _upsert(client, note.collection, batch)
            note = _touch(client, note)
        held = client.count(note.collection, exact=True).count
        if held != note.patterns:
            raise IndexUnavailable(f"{server.address} kept {held} of {note.patterns} patterns; {REBUILD}")
    except BaseException:
        with contextlib.suppress(Exception):
            client.delete_collection(note.collection)
        raise


def _create(client: "QdrantClient", server: Server, note: Note, dim: int) -> None:
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
        note.collection,
        vectors_config={"dense": dense},
        sparse_vectors_config={"words": models.SparseVectorParams(modifier=models.Modifier.IDF)},
        shard_number=server.shards,
        replication_factor=server.replicas,
        write_consistency_factor=server.replicas,  # Whichever replica answers has all.
        on_disk_payload=True,
        metadata=note.model_dump(),
    )
    for field in FILTERED:
        client.create_payload_index(note.collection, field, models.PayloadSchemaType.KEYWORD, wait=True)


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
    return models.PointStruct(id=str(point.id), vector={"dense": point.dense, "words": words}, payload=point.payload)


def _upsert(client: "QdrantClient", name: str, batch: list["models.PointStruct"]) -> None:
    from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

    tries = Retrying(
        retry=retry_if_exception(is_transient),
        stop=stop_after_attempt(TRIES),
        wait=wait_exponential(multiplier=0.5),
        reraise=True,
    )
    tries(client.upsert, name, batch, wait=True)


def _touch(client: "QdrantClient", note: Note) -> Note:
    """Give a sign of life, now and then."""
    now = time.time()
    if now - note.touched < SIGN_OF_LIFE_S:
        return note
    client.update_collection(note.collection, metadata={"touched": now})
    return note.model_copy(update={"touched": now})


def _switch(client: "QdrantClient", server: Server, name: str) -> str | None:
    """Point the alias at this collection, in one step; the one that it pointed at before."""
    from qdrant_client import models

    alias = server.collection
    steps: list[models.AliasOperations] = [
        models.CreateAliasOperation(create_alias=models.CreateAlias(collection_name=name, alias_name=alias))
    ]
    before = read_note(client, alias)
    if before:
        steps.insert(0, models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=alias)))
    client.update_collection_aliases(change_aliases_operations=steps)
    return before.collection if before else None


def _prune(client: "QdrantClient", server: Server, *, keep: set[str]) -> None:
    """Drop older collections of this alias, and those whose builder is gone."""
    for name in _collections(client, server) - keep:
        try:
            note = read_note(client, name)
            # The alias is read last: what is whole was once current, and is old only if it is not so now.
            current = read_note(client, server.collection)
            over = note and (note.complete or time.time() - note.touched > ABANDONED_S)
            if over and not (current and current.collection == name):
                client.delete_collection(name)
        except Exception as error:
            if not is_missing(error):  # Another builder may have dropped it.
                raise


def _collections(client: "QdrantClient", server: Server) -> set[str]:
    """Those made for this alias, by their names."""
    ours = re.compile(rf"{re.escape(server.collection)}-[0-9a-f]{{16}}-[0-9a-f]{{8}}")
    return {found.name for found in client.get_collections().collections if ours.fullmatch(found.name)}
