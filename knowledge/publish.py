"""Put an index on a Qdrant server: a new collection each time, which takes the old one's place when it is whole."""

import contextlib
import re
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.collection import fill_collection
from knowledge.connection import Manifest, Server, check_version, connect, current_manifest, read_manifest
from knowledge.embed import Embedder
from knowledge.errors import IndexUnavailable
from knowledge.failures import explained, is_missing
from knowledge.points import Record, pattern_points

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

TIMEOUT_S = 60.0
ABANDONED_S = 300.0
"""After so long without a sign of life nobody builds a collection any more."""


def current_collection(server: Server, *, embedder: str) -> str | None:
    """The collection behind the alias; None before the first. Raises IndexUnavailable where it cannot be used."""
    with _open(server) as client:
        manifest = current_manifest(client, server, embedder=embedder)
        return manifest.collection if manifest else None


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
        if read_manifest(client, server.collection) is None and client.collection_exists(server.collection):
            raise IndexUnavailable(
                f"{server.collection!r} at {server.address} is a collection that gradproof did not make; "
                "set GRADPROOF_QDRANT_COLLECTION to another name"
            )
        if not rebuild:
            current = current_manifest(client, server, embedder=embedder.name)
            if found := _whole(client, server, current, fingerprint):
                return found
        manifest = _manifest(records, server, embedder, fingerprint)
        points = pattern_points(records, embedder=embedder, remembered=vectors)
        fill_collection(client, server, manifest, points, embedder.dim)
        # Where an answer is lost from here on, it may have been done: nothing is deleted.
        before = _switch(client, server, manifest.collection)
        client.update_collection(manifest.collection, metadata={"complete": True})
        _prune(client, server, keep={manifest.collection, before or ""})
        return manifest.collection


@contextlib.contextmanager
def _open(server: Server) -> Iterator["QdrantClient"]:
    with explained(server.address), contextlib.closing(connect(server, timeout_s=TIMEOUT_S)) as client:
        check_version(client, server)
        yield client


def _manifest(records: Sequence[Record], server: Server, embedder: Embedder, fingerprint: str) -> Manifest:
    return Manifest(
        collection=f"{server.collection}-{fingerprint}-{uuid.uuid4().hex[:8]}",
        alias=server.collection,
        embedder=embedder.name,
        fingerprint=fingerprint,
        records=len(records),
        touched=time.time(),
    )


def _whole(client: "QdrantClient", server: Server, current: Manifest | None, fingerprint: str) -> str | None:
    """The collection with this fingerprint, now the current one: machines with other patterns may take turns."""
    if current and current.fingerprint == fingerprint:
        return current.collection
    for name in sorted(_collections(client, server)):
        manifest = read_manifest(client, name) if f"-{fingerprint}-" in name else None
        if manifest and manifest.complete:
            _switch(client, server, name)
            return name
    return None


def _switch(client: "QdrantClient", server: Server, name: str) -> str | None:
    """Point the alias at this collection, in one step; the one that it pointed at before."""
    from qdrant_client import models

    alias = server.collection
    steps: list[models.AliasOperations] = [
        models.CreateAliasOperation(create_alias=models.CreateAlias(collection_name=name, alias_name=alias))
    ]
    before = read_manifest(client, alias)
    if before:
        steps.insert(0, models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=alias)))
    client.update_collection_aliases(change_aliases_operations=steps)
    return before.collection if before else None


def _prune(client: "QdrantClient", server: Server, *, keep: set[str]) -> None:
    """Drop older collections of this alias, and those whose builder is gone."""
    for name in _collections(client, server) - keep:
        try:
            manifest = read_manifest(client, name)
            # The alias is read last: what is whole was once current, and is old only if it is not so now.
            current = read_manifest(client, server.collection)
            over = manifest and (manifest.complete or time.time() - manifest.touched > ABANDONED_S)
            if over and not (current and current.collection == name):
                client.delete_collection(name)
        except Exception as error:
            if not is_missing(error):  # Another builder may have dropped it.
                raise


def _collections(client: "QdrantClient", server: Server) -> set[str]:
    """Those made for this alias, by their names."""
    ours = re.compile(rf"{re.escape(server.collection)}-[0-9a-f]{{16}}-[0-9a-f]{{8}}")
    return {found.name for found in client.get_collections().collections if ours.fullmatch(found.name)}
