"""A Qdrant server for tests, where none can be installed: real HTTP and Qdrant's own engine, one shard a collection.

It answers what gradproof's client asks, checks each request against the published schema, and knows nothing of
clusters: shards and replicas are noted, not made.
"""

import json
import re
import shutil
import tempfile
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import qdrant_edge as edge
from qdrant_client import models
from qdrant_engine import engine_config, engine_points, engine_query, point_json, scored_json


class Refused(Exception):
    """Answered with this HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Collection:
    """One shard of the engine, with what was asked for when it was made."""

    def __init__(self, request: models.CreateCollection) -> None:
        self.request = request
        self.metadata = dict(request.metadata or {})
        self.indexed: dict[str, str] = {}
        self.batches: list[int] = []
        self._folder = Path(tempfile.mkdtemp(prefix="qdrant-"))
        self._shard = edge.EdgeShard.create(str(self._folder), engine_config(request))
        self._optimized = True

    def upsert(self, points: list[models.PointStruct]) -> None:
        self._shard.update(edge.UpdateOperation.upsert_points(engine_points(points)))
        self.batches.append(len(points))
        self._optimized = False

    def index(self, field: str, schema: str) -> None:
        self._shard.update(edge.UpdateOperation.create_field_index(field, edge.PayloadSchemaType.Keyword))
        self.indexed[field] = schema

    def query(self, requests: list[models.QueryRequest]) -> list[dict[str, Any]]:
        if not self._optimized:
            self._shard.optimize()
            self._optimized = True
        found = [self._shard.query(engine_query(request)) for request in requests]
        return [{"points": [scored_json(point) for point in points]} for points in found]

    def retrieve(self, request: models.PointRequest) -> list[dict[str, Any]]:
        wanted = [uuid.UUID(str(number)) for number in request.ids]
        found = self._shard.retrieve(wanted, with_payload=request.with_payload, with_vector=request.with_vector)
        return [point_json(one) for one in found]

    def count(self) -> int:
        return self._shard.count(edge.CountRequest())

    def info(self) -> dict[str, Any]:
        asked = self.request
        params = asked.model_dump(
            mode="json", include={"vectors", "sparse_vectors", "shard_number", "replication_factor", "on_disk_payload"}
        )
        return {
            "status": "green",
            "optimizer_status": "ok",
            "points_count": self.count(),
            "segments_count": 1,
            "payload_schema": {name: {"data_type": kind, "points": 0} for name, kind in self.indexed.items()},
            "config": {
                "params": params,
                "hnsw_config": {"m": 16, "ef_construct": 100, "full_scan_threshold": 10000},
                "optimizer_config": {"deleted_threshold": 0.2, "vacuum_min_vector_number": 1000,
                                     "default_segment_number": 0, "flush_interval_sec": 5},
                "wal_config": {"wal_capacity_mb": 32, "wal_segments_ahead": 0},
                "metadata": self.metadata,
            },
        }  # fmt: skip

    def drop(self) -> None:
        self._shard.close()
        shutil.rmtree(self._folder, ignore_errors=True)


class Request(NamedTuple):
    """As the handlers see it."""

    name: str
    body: Any


class QdrantServer:
    """`with QdrantServer() as server`: listens on a port of its own until the end."""

    def __init__(self, *, api_key: str | None = None, read_key: str | None = None, version: str = "1.17.0") -> None:
        self.api_key, self.read_key, self.version = api_key, read_key, version
        self.collections: dict[str, Collection] = {}
        self.aliases: dict[str, str] = {}
        self.requests: list[str] = []
        """What was asked, as "PUT /collections/name/points"."""
        self.before: Callable[[str], None] = lambda _asked: None
        """Called with each of them before it is worked on; it may wait, or raise Refused."""
        self._lock = threading.RLock()
        self._port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def start(self) -> None:
        """Answer, on the same port where it did before."""
        self._http = ThreadingHTTPServer(("127.0.0.1", self._port), _handler(self))
        self._http.daemon_threads = True
        self._port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        for collection in self.collections.values():
            collection.drop()

    def stop(self) -> None:
        """Answer nothing any more."""
        self._http.shutdown()
        self._http.server_close()

    def answer(self, method: str, path: str, body: bytes, key: str | None) -> Any:
        """What the server answers; Refused where it does not."""
        asked = f"{method} {path}"
        self.requests.append(asked)
        self.before(asked)
        if path == "/":
            return {"title": "qdrant - vector search engine", "version": self.version}
        self._admit(method, path, key)
        for pattern, does in ROUTES.items():
            if found := re.fullmatch(pattern, asked):
                name = found.groupdict().get("name", "")
                with self._lock:
                    return does(self, Request(name, json.loads(body) if body else None))
        raise Refused(404, f"no such call: {asked}")

    def named(self, name: str) -> Collection:
        """By its name, or by an alias."""
        found = self.collections.get(self.aliases.get(name, name))
        if found is None:
            raise Refused(404, f"Not found: Collection `{name}` doesn't exist!")
        return found

    def _admit(self, method: str, path: str, key: str | None) -> None:
        if self.api_key is None or key == self.api_key:
            return
        if key is None or key != self.read_key:
            raise Refused(401, "Invalid API key or JWT")
        if method in ("PUT", "PATCH", "DELETE") or path == "/collections/aliases":
            raise Refused(403, "Forbidden: Global manage access is required")


def _create(server: QdrantServer, request: Request) -> bool:
    if request.name in server.collections or request.name in server.aliases:
        raise Refused(409, f"Wrong input: Collection `{request.name}` already exists!")
    server.collections[request.name] = Collection(models.CreateCollection.model_validate(request.body))
    return True


def _update(server: QdrantServer, request: Request) -> bool:
    change = models.UpdateCollection.model_validate(request.body)
    server.named(request.name).metadata.update(change.metadata or {})
    return True


def _delete(server: QdrantServer, request: Request) -> bool:
    dropped = server.collections.pop(request.name, None)
    server.aliases = {alias: name for alias, name in server.aliases.items() if name != request.name}
    if dropped:
        dropped.drop()
    return dropped is not None


def _alias(server: QdrantServer, request: Request) -> bool:
    """All steps or none."""
    aliases = dict(server.aliases)
    for step in models.ChangeAliasesOperation.model_validate(request.body).actions:
        if isinstance(step, models.DeleteAliasOperation):
            aliases.pop(step.delete_alias.alias_name, None)
        elif isinstance(step, models.CreateAliasOperation):
            name, alias = step.create_alias.collection_name, step.create_alias.alias_name
            if name not in server.collections:
                raise Refused(404, f"Not found: Collection `{name}` doesn't exist!")
            if alias in server.collections:
                raise Refused(409, f"Wrong input: Collection `{alias}` already exists!")
            aliases[alias] = name
    server.aliases = aliases
    return True


def _index(server: QdrantServer, request: Request) -> dict[str, Any]:
    wanted = models.CreateFieldIndex.model_validate(request.body)
    server.named(request.name).index(wanted.field_name, str(getattr(wanted.field_schema, "value", "")))
    return {"operation_id": 1, "status": "completed"}


def _upsert(server: QdrantServer, request: Request) -> dict[str, Any]:
    server.named(request.name).upsert(models.PointsList.model_validate(request.body).points)
    return {"operation_id": 1, "status": "completed"}


def _retrieve(server: QdrantServer, request: Request) -> list[dict[str, Any]]:
    return server.named(request.name).retrieve(models.PointRequest.model_validate(request.body))


def _query(server: QdrantServer, request: Request) -> list[dict[str, Any]]:
    return server.named(request.name).query(models.QueryRequestBatch.model_validate(request.body).searches)


NAME = r"/collections/(?P<name>[^/?]+)"
ROUTES: dict[str, Callable[[QdrantServer, Request], Any]] = {
    r"GET /collections": lambda server, _: {"collections": [{"name": name} for name in server.collections]},
    rf"GET {NAME}/exists": lambda server, request: {
        "exists": request.name in server.collections or request.name in server.aliases
    },
    r"POST /collections/aliases": _alias,
    rf"GET {NAME}": lambda server, request: server.named(request.name).info(),
    rf"PUT {NAME}": _create,
    rf"PATCH {NAME}": _update,
    rf"DELETE {NAME}": _delete,
    rf"PUT {NAME}/index": _index,
    rf"PUT {NAME}/points": _upsert,
    rf"POST {NAME}/points": _retrieve,
    rf"POST {NAME}/points/count": lambda server, request: {"count": server.named(request.name).count()},
    rf"POST {NAME}/points/query/batch": _query,
}


def _handler(server: QdrantServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            with suppress(ConnectionError):  # A client that was killed.
                super().handle_one_request()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = self.path.partition("?")[0]
            try:
                result = server.answer(self.command, path, body, self.headers.get("api-key"))
                status, told = 200, result if path == "/" else {"result": result, "status": "ok", "time": 0.0}
            except Refused as refusal:
                status, told = refusal.status, {"status": {"error": str(refusal)}, "time": 0.0}
            except ValueError as error:  # The schema's.
                status, told = 400, {"status": {"error": str(error)}, "time": 0.0}
            except Exception as error:
                status, told = 500, {"status": {"error": repr(error)}, "time": 0.0}
            text = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = _answer

        def log_message(self, *_args: object) -> None:
            """Nothing."""

    return Handler
