"""Between the models of Qdrant's HTTP interface and its engine in the process, which is the same behind both."""

import uuid
from typing import Any

import qdrant_edge as edge
from qdrant_client import models


def engine_config(request: models.CreateCollection) -> edge.EdgeConfig:
    """What a collection asks for. An HNSW graph and 8-bit vectors are made from the sizes that a server would."""
    assert isinstance(request.vectors, dict)
    return edge.EdgeConfig(
        vectors={name: _vectors(given) for name, given in request.vectors.items()},
        sparse_vectors={
            name: edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf if given.modifier else None)
            for name, given in (request.sparse_vectors or {}).items()
        },
        wal_enabled=False,
    )


def _vectors(given: models.VectorParams) -> edge.EdgeVectorParams:
    assert given.distance == models.Distance.COSINE
    quantized, nearest = given.quantization_config, edge.MultiVectorConfig(edge.MultiVectorComparator.MaxSim)
    return edge.EdgeVectorParams(
        given.size,
        edge.Distance.Cosine,
        on_disk=given.on_disk,
        multivector_config=nearest if given.multivector_config else None,
        quantization_config=edge.ScalarQuantizationConfig(
            edge.ScalarType.Int8, quantized.scalar.quantile, quantized.scalar.always_ram
        ) if isinstance(quantized, models.ScalarQuantization) else None,
        hnsw_config=edge.HnswIndexConfig(given.hnsw_config.m, given.hnsw_config.ef_construct, 10_000)
        if given.hnsw_config else None,
    )  # fmt: skip


def engine_points(points: list[models.PointStruct]) -> list[edge.Point]:
    """With an id, vectors by name and a payload each."""
    return [edge.Point(uuid.UUID(str(one.id)), _by_name(one.vector), one.payload) for one in points]


def _by_name(vectors: Any) -> dict[str, Any]:
    return {
        name: edge.SparseVector(given.indices, given.values) if isinstance(given, models.SparseVector) else given
        for name, given in vectors.items()
    }


def engine_query(request: models.QueryRequest) -> edge.QueryRequest:
    """One ranking."""
    return edge.QueryRequest(
        limit=request.limit or 10,
        query=edge.Query.Nearest(_vector_of(request.query), using=request.using),
        filter=_filter(request.filter),
        params=_params(request.params),
    )


def _vector_of(query: Any) -> Any:
    given = query.nearest if isinstance(query, models.NearestQuery) else query
    return edge.SparseVector(given.indices, given.values) if isinstance(given, models.SparseVector) else given


def _params(given: models.SearchParams | None) -> edge.SearchParams | None:
    if given is None:
        return None
    quantized = given.quantization
    return edge.SearchParams(
        hnsw_ef=given.hnsw_ef,
        exact=given.exact or False,
        quantization=edge.QuantizationSearchParams(rescore=quantized.rescore, oversampling=quantized.oversampling)
        if quantized
        else None,
    )


def _filter(given: models.Filter | None) -> edge.Filter | None:
    if given is None:
        return None
    assert isinstance(given.must, list)
    return edge.Filter(must=[edge.FieldCondition(one.key, match=_match(one.match)) for one in given.must])


def _match(given: Any) -> edge.MatchValue | edge.MatchAny:
    return edge.MatchValue(given.value) if isinstance(given, models.MatchValue) else edge.MatchAny(given.any)


def scored_json(point: edge.ScoredPoint) -> dict[str, Any]:
    """As the HTTP interface says it."""
    return point_json(point) | {"score": point.score, "version": point.version}


def point_json(point: edge.ScoredPoint | edge.Record) -> dict[str, Any]:
    """Likewise, without a score."""
    told = {"id": str(point.id), "payload": point.payload}
    return told | ({"vector": {name: _vector(one) for name, one in point.vector.items()}} if point.vector else {})


def _vector(given: Any) -> Any:
    return {"indices": given.indices, "values": given.values} if isinstance(given, edge.SparseVector) else given
