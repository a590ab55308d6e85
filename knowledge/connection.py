"""The way to a Qdrant server: where it is, and what its collections say of themselves."""

import contextlib
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from packaging.version import Version
from pydantic import BaseModel, ConfigDict, PositiveInt, SecretStr, ValidationError

from knowledge.errors import REBUILD, IndexUnavailable
from knowledge.failures import explained, is_missing, no_qdrant

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

OLDEST = "1.16"
"""The first version of the server that keeps metadata with a collection."""
TIMEOUT_S = 15.0


class Server(BaseModel):
    """A Qdrant server or cluster, and how collections are made on it."""

    model_config = ConfigDict(frozen=True)

    url: str
    api_key: SecretStr | None = None
    grpc_port: PositiveInt | None = None
    """Where it speaks gRPC; None is HTTP alone."""
    collection: str = "gradproof"
    """The alias by which the current index is found."""
    shards: PositiveInt = 1
    replicas: PositiveInt = 1

    @property
    def address(self) -> str:
        """Where it is, as a message may show it: without a password."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"


class Manifest(BaseModel):
    """What a collection says of itself, kept with it on the server."""

    collection: str
    """Its own name, which an alias hides."""
    alias: str
    embedder: str
    fingerprint: str
    records: int
    """Patterns and notes."""
    touched: float
    """When its builder last gave a sign of life, in seconds since 1970."""
    complete: bool = False


def connect(server: Server, *, timeout_s: float = TIMEOUT_S) -> "QdrantClient":
    """A client; nothing is sent yet. The caller closes it."""
    from qdrant_client import QdrantClient

    # As a header: given as `api_key`, the client would turn a URL without a scheme into https, and warn about http.
    headers = {"api-key": server.api_key.get_secret_value()} if server.api_key else None
    return QdrantClient(
        url=server.url,
        grpc_port=server.grpc_port or 6334,
        prefer_grpc=server.grpc_port is not None,
        headers=headers,
        timeout=int(timeout_s),
        check_compatibility=False,
    )


def check_version(client: "QdrantClient", server: Server) -> str:
    """The server's version. Raises IndexUnavailable where it is too old, or no Qdrant."""
    try:
        version = client.info().version
        known = Version(version)
    except ValueError:  # No JSON, another shape, or no version.
        raise IndexUnavailable(no_qdrant(server.address)) from None
    if known.release < Version(OLDEST).release:
        raise IndexUnavailable(
            f"the Qdrant server at {server.address} is version {version}, which keeps no metadata with a collection; "
            f"upgrade it to {OLDEST} or later"
        )
    return version


def read_manifest(client: "QdrantClient", name: str) -> Manifest | None:
    """What the collection of this name or alias says; None where there is none, or where it is not gradproof's."""
    try:
        held = client.get_collection(name).config.metadata
    except Exception as error:
        if is_missing(error):
            return None
        raise
    try:
        return Manifest.model_validate(held)
    except ValidationError:
        return None


def current_manifest(client: "QdrantClient", server: Server, *, embedder: str) -> Manifest | None:
    """That of the current index; None before the first. Raises IndexUnavailable where another model made it."""
    manifest = read_manifest(client, server.collection)
    if manifest and manifest.embedder != embedder:
        raise IndexUnavailable(
            f"the index {server.collection!r} at {server.address} was made with {manifest.embedder!r}, not with "
            f"{embedder!r}; {REBUILD}, or set GRADPROOF_QDRANT_COLLECTION to a name of your own"
        )
    return manifest


class Look(BaseModel):
    """What a server was seen to be and to hold."""

    version: str
    manifest: Manifest | None
    """What the current index says of itself; None where there is none yet."""
    records: int
    """Patterns and notes, as the server counts them."""


def look_at(server: Server) -> Look:
    """Ask it. Raises IndexUnavailable."""
    with explained(server.address), contextlib.closing(connect(server)) as client:
        version, manifest = check_version(client, server), read_manifest(client, server.collection)
        held = client.count(manifest.collection, exact=True).count if manifest else 0
        return Look(version=version, manifest=manifest, records=held)
