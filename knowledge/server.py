"""The points of patterns in a collection of a Qdrant server, found by its alias, whichever machine put them there."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from knowledge.connection import Server, check_version, connect, current_manifest
from knowledge.errors import REBUILD, IndexUnavailable
from knowledge.failures import explained, is_missing
from knowledge.store import Asked, Kept, Rankings

if TYPE_CHECKING:
    from qdrant_client import models

Answer = TypeVar("Answer")

NEIGHBOURS = 128
"""Looked at on the way through the graph of vectors, where the server made one."""
OVERSAMPLING = 3.0
"""Candidates by the vectors in 8 bits, per one that is then compared by its original vectors."""


class ServerStore:
    """A collection, open for reading. See knowledge.store.Store for what each method promises.

    It stays with the collection that it found, as long as that exists, and then goes on with the current one.
    """

    def __init__(self, server: Server, *, embedder: str) -> None:
        """Raises IndexUnavailable when there is nothing to read, or nothing that fits the embedder of this name."""
        self._server = server
        self._embedder = embedder
        self._client = connect(server)
        try:
            with explained(server.address):
                check_version(self._client, server)
                self.collection = self._current()
        except BaseException:
            self._client.close()
            raise

    def rank(self, asked: Asked) -> Rankings:
        """See knowledge.store.Store."""
        from qdrant_client import models

        options = {"filter": _filter(asked.wanted), "params": _params(), "limit": asked.depth}
        requests = []
        if asked.dense:
            requests.append(models.QueryRequest(query=[asked.dense], using="dense", **options))
        if asked.words:
            sparse = models.SparseVector(indices=asked.words[0], values=asked.words[1])
            requests.append(models.QueryRequest(query=sparse, using="words", **options))
        answers = self._ask(lambda collection: self._client.query_batch_points(collection, requests))
        scores = {
            request.using: {point.id: point.score for point in answer.points}
            for request, answer in zip(requests, answers, strict=True)
        }
        return Rankings(scores.get("dense", {}), scores.get("words", {}))

    def read(self, ids: Iterable[str]) -> dict[str, Kept]:
        """See knowledge.store.Store."""
        wanted, parts = list(ids), {"with_payload": ["record"], "with_vectors": ["words"]}
        points = self._ask(lambda collection: self._client.retrieve(collection, wanted, **parts))
        return {point.id: Kept(point.payload["record"], point.vector["words"].indices) for point in points}

    def __len__(self) -> int:
        return self._ask(lambda collection: self._client.count(collection, exact=True)).count

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _ask(self, question: Callable[[str], Answer]) -> Answer:
        """The answer of the collection; of the current one, where this one was dropped since."""
        with explained(self._server.address):
            try:
                return question(self.collection)
            except Exception as error:
                if not is_missing(error):
                    raise
                self.collection = self._current()
                return question(self.collection)

    def _current(self) -> str:
        manifest = current_manifest(self._client, self._server, embedder=self._embedder)
        if manifest is None:
            where = f"{self._server.collection!r} on the Qdrant server at {self._server.address}"
            raise IndexUnavailable(f"there is no index {where}; {REBUILD}")
        return manifest.collection


def _params() -> "models.SearchParams":
    from qdrant_client import models

    rescored = models.QuantizationSearchParams(rescore=True, oversampling=OVERSAMPLING)
    return models.SearchParams(hnsw_ef=NEIGHBOURS, quantization=rescored)


def _filter(wanted: dict[str, str | list[str]]) -> "models.Filter | None":
    from qdrant_client import models

    def match(value: str | list[str]) -> "models.MatchValue | models.MatchAny":
        return models.MatchValue(value=value) if isinstance(value, str) else models.MatchAny(any=value)

    conditions = [models.FieldCondition(key=field, match=match(value)) for field, value in wanted.items()]
    return models.Filter(must=conditions) if conditions else None
