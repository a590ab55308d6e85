"""Where the same tests put an index: with the engine in this process, and on Qdrant servers of several kinds."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from qdrant_client import QdrantClient
from qdrant_grpc import grpc_door
from qdrant_server import QdrantServer

from knowledge.connection import Server, connect
from knowledge.embed import Embedder, open_embedder
from knowledge.index import build_index, open_index
from knowledge.schema import Pattern
from knowledge.search import Index

REAL_URL = os.environ.get("GRADPROOF_TEST_QDRANT_URL")
"""Read before the tests' own environment begins."""
REAL_KEY = os.environ.get("GRADPROOF_TEST_QDRANT_API_KEY")
BACKENDS = ["embedded", "server", "grpc", "real"]


class Backend(NamedTuple):
    """One place where an index can be."""

    home: Path
    server: Server | None
    raw: Callable[[], QdrantClient] | None = None
    """A client to look at what lies there; the embedded engine has none."""

    def build(self, patterns: list[Pattern], *, rebuild: bool = False, embedder: Embedder | None = None) -> str:
        return build_index(patterns, self.home, embedder or open_embedder(), rebuild=rebuild, server=self.server)

    def open(self, *, embedder: Embedder | None = None) -> Index:
        return open_index(self.home, embedder=embedder or open_embedder(), server=self.server)

    def names(self) -> set[str]:
        """The indexes that are there, also old and half ones."""
        if self.server is None or self.raw is None:
            return {path.name for path in (self.home / "index").iterdir() if path.is_dir()}
        return {
            one.name for one in self.raw().get_collections().collections if one.name.startswith(self.server.collection)
        }


@contextmanager
def open_backend(kind: str, home: Path) -> Iterator[Backend]:
    """The back end of this name, empty; what a test leaves on a real server is removed."""
    with ExitStack() as stack:
        if kind == "embedded":
            yield Backend(home, None)
        elif kind == "server":
            server = Server(url=stack.enter_context(QdrantServer()).url)
            yield Backend(home, server, lambda: connect(server))
        elif kind == "grpc":
            running = stack.enter_context(QdrantServer())
            server = Server(url=running.url, grpc_port=stack.enter_context(grpc_door(running)))
            yield Backend(home, server, lambda: connect(server))
        else:
            yield stack.enter_context(_real(home))


@contextmanager
def _real(home: Path) -> Iterator[Backend]:
    if not REAL_URL:
        pytest.skip("GRADPROOF_TEST_QDRANT_URL names no Qdrant server to test with")
    server = Server(url=REAL_URL, api_key=REAL_KEY, collection=f"gradproof-test-{uuid.uuid4().hex[:8]}")
    backend = Backend(home, server, lambda: connect(server))
    yield backend
    with connect(server) as client:
        for name in backend.names():
            client.delete_collection(name)
