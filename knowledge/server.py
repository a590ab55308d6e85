"""The points of patterns in a collection of a Qdrant server, found by its alias, whichever machine put them there."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from knowledge.connection import Server, check_version, connect, current_manifest, explained, is_missing
from knowledge.errors import REBUILD, IndexUnavailable
from knowledge.points import point_id
from knowledge.search import DEPTH, HALF_WORDS, Candidate

if TYPE_CHECKING:
    from qdrant_client import models

Answer = TypeVar("Answer")

NEIGHBOURS = 128
"""Looked at on the way through the graph of vectors, where the server made one."""
OVERSAMPLING = 3.0
"""Candidates by the vectors in 8 bits, per one that is then compared by its original vectors."""


class ServerStore:
    """A collection, open for reading. See knowledge.search.Store for what each method promises.

    It stays with the collection that it found, as long as that exists, and then goes on with the current one.
    """

    def __init__(self, server: Server, *, embedder: str) -> None:
        """Raises IndexUnavailable when there is nothing to read, or nothing that fits the embedder of this name."""
        self._server = server
        self._embedder = embedder
        self._client = connect(server)
        try:
            with explained(server):
                check_version(self._client, server)
                self.collection = self._current()
        except BaseException:
            self._client.close()
            raise

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
        from qdrant_client import models

        conditions, params, depth = _filter(wanted), _params(), max(2 * limit, DEPTH)
        rankings = [models.Prefetch(query=[dense], using="dense", filter=conditions, params=params, limit=depth)]
        if words:
            sparse = models.SparseVector(indices=words[0], values=words[1])
            rankings.append(rankings[0].model_copy(update={"query": sparse, "using": "words"}))
        fused = models.QueryRequest(
            prefetch=rankings,
            query=_fusion(weights, both=words is not None),
            limit=limit,
            with_payload=["record"],
            with_vector=["words"],
        )
        # The fusion keeps no cosines. They are asked for in the same request, so that no vector has to travel.
        nearest = models.QueryRequest(query=[dense], using="dense", filter=conditions, params=params, limit=depth)
        ranked, compared = self._ask(lambda collection: self._client.query_batch_points(collection, [fused, nearest]))
        cosines = {point.id: point.score for point in compared.points}
        return [_candidate(point, cosines.get(point.id, -1.0)) for point in ranked.points]

    def get(self, pattern_id: str) -> str | None:
        """See knowledge.search.Store."""
        wanted = [str(point_id(pattern_id))]
        found = self._ask(lambda collection: self._client.retrieve(collection, wanted, with_payload=["record"]))
        return found[0].payload["record"] if found else None

    def __len__(self) -> int:
        return self._ask(lambda collection: self._client.count(collection, exact=True)).count

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _ask(self, question: Callable[[str], Answer]) -> Answer:
        """The answer of the collection; of the current one, where this one was dropped since."""
        with explained(self._server):
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


def _fusion(weights: list[float], *, both: bool) -> "models.FormulaQuery":
    """As knowledge.search.Store has it; a point that is missing in a ranking has no score there."""
    from qdrant_client import models

    meaning, words = "$score[0]", "$score[1]"
    parts = [models.MultExpression(mult=[weights[0], meaning])]
    if both:
        above = models.SumExpression(sum=[words, HALF_WORDS])
        share = models.DivExpression(div=models.DivParams(left=words, right=above, by_zero_default=0.0))
        parts.append(models.MultExpression(mult=[weights[1], share]))
    return models.FormulaQuery(formula=models.SumExpression(sum=parts), defaults={meaning: 0.0, words: 0.0})


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


def _candidate(point: "models.ScoredPoint", cosine: float) -> Candidate:
    return Candidate(point.score, cosine, point.vector["words"].indices, point.payload["record"])
