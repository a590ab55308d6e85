"""The gRPC door of the server for tests: each call becomes the HTTP call that means the same."""

import json
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf.json_format import MessageToDict
from qdrant_client import grpc as proto
from qdrant_client import models
from qdrant_client.conversions.conversion import GrpcToRest, RestToGrpc, grpc_to_payload
from qdrant_client.grpc.collections_service_pb2_grpc import CollectionsServicer, add_CollectionsServicer_to_server
from qdrant_client.grpc.points_service_pb2_grpc import PointsServicer, add_PointsServicer_to_server
from qdrant_client.grpc.qdrant_pb2_grpc import QdrantServicer, add_QdrantServicer_to_server
from qdrant_server import QdrantServer, Refused

CODES = {401: grpc.StatusCode.UNAUTHENTICATED, 403: grpc.StatusCode.PERMISSION_DENIED, 404: grpc.StatusCode.NOT_FOUND}


class Door(QdrantServicer, CollectionsServicer, PointsServicer):
    """The calls that gradproof makes."""

    def __init__(self, server: QdrantServer) -> None:
        self._server = server

    def _ask(self, context: grpc.ServicerContext, method: str, path: str, body: Any = None) -> Any:
        key = dict(context.invocation_metadata()).get("api-key")
        text = json.dumps(body).encode() if body is not None else b""
        try:
            return self._server.answer(method, path, text, key)
        except Refused as refusal:
            context.abort(CODES.get(refusal.status, grpc.StatusCode.INTERNAL), str(refusal))

    def HealthCheck(self, _request: Any, context: Any) -> Any:
        return proto.HealthCheckReply(**self._ask(context, "GET", "/"))

    def List(self, _request: Any, context: Any) -> Any:
        found = self._ask(context, "GET", "/collections")["collections"]
        return proto.ListCollectionsResponse(
            collections=[proto.CollectionDescription(name=one["name"]) for one in found]
        )

    def CollectionExists(self, request: Any, context: Any) -> Any:
        found = self._ask(context, "GET", f"/collections/{request.collection_name}/exists")
        return proto.CollectionExistsResponse(result=proto.CollectionExists(**found))

    def Get(self, request: Any, context: Any) -> Any:
        """Of a collection, or of points: both services name it so."""
        if isinstance(request, proto.GetPoints):
            return self._points(request, context)
        found = self._ask(context, "GET", f"/collections/{request.collection_name}")
        info = models.CollectionInfo.model_validate(found)
        return proto.GetCollectionInfoResponse(result=RestToGrpc.convert_collection_info(info))

    def Create(self, request: Any, context: Any) -> Any:
        sparse = GrpcToRest.convert_sparse_vector_config(request.sparse_vectors_config)
        body = models.CreateCollection(
            vectors=GrpcToRest.convert_vectors_config(request.vectors_config),
            sparse_vectors=sparse,
            shard_number=request.shard_number,
            replication_factor=request.replication_factor,
            write_consistency_factor=request.write_consistency_factor,
            on_disk_payload=request.on_disk_payload,
            metadata=grpc_to_payload(request.metadata),
        )
        return self._done(context, "PUT", f"/collections/{request.collection_name}", body)

    def Update(self, request: Any, context: Any) -> Any:
        body = models.UpdateCollection(metadata=grpc_to_payload(request.metadata))
        return self._done(context, "PATCH", f"/collections/{request.collection_name}", body)

    def Delete(self, request: Any, context: Any) -> Any:
        return self._done(context, "DELETE", f"/collections/{request.collection_name}", None)

    def UpdateAliases(self, request: Any, context: Any) -> Any:
        body = models.ChangeAliasesOperation(
            actions=[GrpcToRest.convert_alias_operations(action) for action in request.actions]
        )
        return self._done(context, "POST", "/collections/aliases", body)

    def CreateFieldIndex(self, request: Any, context: Any) -> Any:
        body = {"field_name": request.field_name, "field_schema": "keyword"}
        self._ask(context, "PUT", f"/collections/{request.collection_name}/index", body)
        return proto.PointsOperationResponse(result=proto.UpdateResult(status=proto.UpdateStatus.Completed))

    def Upsert(self, request: Any, context: Any) -> Any:
        points = [GrpcToRest.convert_point_struct(point) for point in request.points]
        body = models.PointsList(points=points).model_dump(mode="json", exclude_none=True)
        self._ask(context, "PUT", f"/collections/{request.collection_name}/points", body)
        return proto.PointsOperationResponse(result=proto.UpdateResult(status=proto.UpdateStatus.Completed))

    def Count(self, request: Any, context: Any) -> Any:
        found = self._ask(context, "POST", f"/collections/{request.collection_name}/points/count", {})
        return proto.CountResponse(result=proto.CountResult(count=found["count"]))

    def QueryBatch(self, request: Any, context: Any) -> Any:
        searches = [GrpcToRest.convert_query_points(query) for query in request.query_points]
        body = models.QueryRequestBatch(searches=searches).model_dump(mode="json", exclude_none=True)
        found = self._ask(context, "POST", f"/collections/{request.collection_name}/points/query/batch", body)
        results = [[models.ScoredPoint.model_validate(point) for point in one["points"]] for one in found]
        batches = [proto.BatchResult(result=map(RestToGrpc.convert_scored_point, one)) for one in results]
        return proto.QueryBatchResponse(result=batches)

    def _points(self, request: Any, context: Any) -> Any:
        wanted = [MessageToDict(one)["uuid"] for one in request.ids]
        body = {"ids": wanted, "with_payload": ["record"], "with_vector": ["words"]}
        found = self._ask(context, "POST", f"/collections/{request.collection_name}/points", body)
        records = [RestToGrpc.convert_record(models.Record.model_validate(one)) for one in found]
        return proto.GetResponse(result=records)

    def _done(self, context: Any, method: str, path: str, body: Any) -> Any:
        given = body.model_dump(mode="json", exclude_none=True) if body else None
        return proto.CollectionOperationResponse(result=bool(self._ask(context, method, path, given)))


@contextmanager
def grpc_door(server: QdrantServer) -> Iterator[int]:
    """The port on which the server speaks gRPC."""
    with futures.ThreadPoolExecutor(8) as pool:
        door = grpc.server(pool, options=[("grpc.max_receive_message_length", 32 * 2**20)])
        adds: list[Callable[..., None]] = [
            add_QdrantServicer_to_server,
            add_CollectionsServicer_to_server,
            add_PointsServicer_to_server,
        ]
        for add in adds:
            add(Door(server), door)
        port = door.add_insecure_port("127.0.0.1:0")
        door.start()
        yield port
        door.stop(0).wait()
