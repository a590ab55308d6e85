"""A model endpoint on the loopback: it speaks OpenAI's chat protocol, and misbehaves on demand.

    with ModelServer(["hello", Status(429, retry_after="0"), Says("code …", chunk_s=0.2)]) as server:
        with Model(server.endpoint(), home=tmp_path) as model:
            model.reply(HI, meter=Meter(Budget()))
        assert server.conversation[0].text == "hi"

or, in one line, `with asking(tmp_path, ["hello"]) as (server, model, ask)`. What it can be told to do is in
model_script.py. The script answers one request of the conversation with one of its items, in order; a string is
Says(string). A callable script, such as a Script, is given each Request and returns the item. A request beyond the
script's end is refused with a status of 400.

The client's probe is answered according to `abilities`, takes nothing from the script and is not in `conversation`;
a request that uses what `abilities` lacks is refused, as real servers do. `requests` holds everything that was asked.
"""

import contextlib
import json
import select
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from model_script import (
    READING,
    Answers,
    Behaviour,
    Body,
    Malformed,
    Page,
    Request,
    Says,
    Script,
    Silent,
    Status,
    reading,
)
from pydantic import SecretStr

from assistant.model.client import Model
from assistant.model.schema import Abilities, Budget, Endpoint, Message, Meter, Reply

ABLE = Abilities(structured="json_schema", tools=True, context_tokens=32_768, context_known=True)
"""What the server can do unless a test says otherwise."""
HI = [Message(role="user", content="hi")]


__all__ = [
    "ABLE",
    "HI",
    "READING",
    "Answers",
    "Behaviour",
    "Body",
    "Malformed",
    "ModelServer",
    "Page",
    "Request",
    "Says",
    "Script",
    "Silent",
    "Status",
    "asking",
    "reading",
]


class ModelServer:
    """The endpoint; it listens from `with` to the end of it."""

    def __init__(
        self,
        script: Answers = (),
        *,
        abilities: Abilities = ABLE,
        model: str = "scripted",
        key: str | None = None,
        pages: dict[str, Any] | None = None,
        probe: Callable[[Request], Behaviour | str] | None = None,
    ) -> None:
        """`key` is asked for where it is set; `pages` are further answers by path, such as llama.cpp's /props; `probe`
        answers the client's probe in place of what `abilities` says."""
        self.script, self.abilities, self.model, self.key = script, abilities, model, key
        self.pages, self.probe = pages or {}, probe
        self.requests: list[Request] = []
        self.closing = threading.Event()
        self.open: set[socket.socket] = set()
        self.lock = threading.Lock()
        self._next = count()

    def __enter__(self) -> Self:
        server = self
        self._http = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"server_": server}))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), name="model-server")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        with self.lock:
            for connection in self.open:
                _shut(connection)
        self._http.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """What OPENAI_BASE_URL would be."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def endpoint(self, **fields: Any) -> Endpoint:
        """This server as gradproof's settings would name it."""
        given = {"model": self.model, "base_url": self.url, "api_key": self.key and SecretStr(self.key)}
        return Endpoint(**(given | fields))

    @property
    def conversation(self) -> list[Request]:
        """What was asked of the model, the probe's own questions left out."""
        return [request for request in self.requests if request.is_chat and not request.is_probe]

    def behaviour(self, request: Request) -> Behaviour:
        """How this request is answered."""
        if self.key is not None and request.headers.get("authorization") != f"Bearer {self.key}":
            return Status(401, "Incorrect API key provided", echo_key=True)
        if request.is_probe and self.probe is not None:
            chosen = self.probe(request)
        elif refusal := self._refusal(request.body):
            chosen = refusal
        elif request.is_probe:
            chosen = self.answer_probe(request)
        elif callable(self.script):
            chosen = self.script(request)
        else:
            number = next(self._next)
            ended = Status(400, f"the script has no answer to request {number + 1}")
            chosen = self.script[number] if number < len(self.script) else ended
        return Says(chosen) if isinstance(chosen, str) else chosen

    def _refusal(self, body: dict[str, Any]) -> Status | None:
        able, wanted = self.abilities, (body.get("response_format") or {}).get("type")
        if body["model"] != self.model:
            return Status(404, f"The model `{body['model']}` does not exist")
        if body.get("stream") and not able.streaming:
            return Status(400, "stream is not supported")
        if not able.system_role and any(message["role"] == "system" for message in body["messages"]):
            return Status(400, "System role not supported")
        if wanted and (able.structured == "none" or (wanted, able.structured) == ("json_schema", "json_object")):
            return Status(400, f"response_format {wanted} is not supported")
        return Status(400, "tools are not supported") if body.get("tools") and not able.tools else None

    def answer_probe(self, request: Request) -> Says:
        """What a model with these abilities answers."""
        usage = self.abilities.usage
        if request.body.get("tools"):
            return Says(tool_call=True, finish="tool_calls", usage=usage)
        if "response_format" not in request.body:
            return Says("ready", usage=usage)
        schema = request.body["response_format"].get("json_schema", {}).get("schema", {})
        properties = schema.get("properties", {"name": {}})
        return Says(json.dumps({name: _example(spec) for name, spec in properties.items()}), usage=usage)

    def models(self) -> dict[str, Any]:
        """The answer of /v1/models."""
        entry = {"id": self.model, "object": "model", "created": 0, "owned_by": "tests"}
        if self.abilities.context_known:
            entry["max_model_len"] = self.abilities.context_tokens
        return {"object": "list", "data": [entry]}


Asked = tuple[ModelServer, Model, Callable[..., Reply]]


@contextlib.contextmanager
def asking(
    home: Path,
    script: Answers,
    *,
    endpoint: Mapping[str, Any] = MappingProxyType({}),
    backoff_s: float = 0.01,
    silence_s: float = 60.0,
    attempts: int = 4,
    **options: Any,
) -> Iterator[Asked]:
    """A server, a model whose endpoint it is, and how to ask it. `endpoint` are fields of Endpoint, `options` the
    server's."""
    patience = {"backoff_s": backoff_s, "silence_s": silence_s, "attempts": attempts}
    with ModelServer(script, **options) as server, Model(server.endpoint(**endpoint), home=home, **patience) as model:

        def ask(messages: list[Message] = HI, *, meter: Meter | None = None, **kwargs: Any) -> Reply:
            return model.reply(messages, meter=meter or Meter(Budget()), **kwargs)

        yield server, model, ask


def _example(spec: dict[str, Any]) -> Any:
    if "enum" in spec:
        return spec["enum"][0]
    return {"integer": 3, "number": 0.5, "boolean": True, "array": []}.get(spec.get("type", ""), "blue")


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # The client may be faster.
        connection.shutdown(socket.SHUT_RDWR)


class _HungUp(Exception):
    """The client closed its side, or the server is being closed."""


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that a test has broken; anything else is a fault of the test."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server_: ModelServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 0

    def setup(self) -> None:
        super().setup()
        with self.server_.lock:
            self.server_.open.add(self.connection)
        if self.server_.closing.is_set():
            _shut(self.connection)

    def finish(self) -> None:
        with self.server_.lock:
            self.server_.open.discard(self.connection)
        super().finish()

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self._record({})
        page = self.server_.pages.get(self.path, self.server_.models() if self.path.endswith("/v1/models") else None)
        self._json({"error": {"message": "not found"}} if page is None else page, status=404 if page is None else 200)

    def do_POST(self) -> None:
        request = self._record(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        if not request.is_chat:
            page = self.server_.pages.get(self.path)
            self._json({"error": "not found"} if page is None else page, status=404 if page is None else 200)
            return
        try:
            self._behave(self.server_.behaviour(request), request)
        except (_HungUp, OSError):
            request.hung_up_at = time.monotonic()
            request.hung_up.set()
            self.close_connection = True

    def _record(self, body: dict[str, Any]) -> Request:
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.path, headers, body)
        self.server_.requests.append(request)
        return request

    def _behave(self, behaviour: Behaviour, request: Request) -> None:
        match behaviour:
            case Says() if request.body.get("stream"):
                self._stream(behaviour, request)
            case Says():
                self._whole(behaviour, request)
            case Silent(after_headers=after_headers):
                if after_headers:
                    self._start_stream()
                self._wait(float("inf"))
            case Status():
                self._refuse(behaviour)
            case Malformed() if request.body.get("stream"):
                self._start_stream()
                self._event('{"id": "1", "choices": [{"index": 0, "delta": {"cont')
                self._chunk(b"")
            case Malformed():
                self._send(b'{"id": "1", "choices": [{"index": 0, "mess', "application/json")
            case Page(html=html):
                self._send(html.encode(), "text/html; charset=utf-8")
            case Body(json=body):
                self._json(body)

    def _refuse(self, status: Status) -> None:
        message = status.message or f"status {status.code}"
        if status.echo_key:
            message += f" ({self.headers.get('Authorization')})"
        extra = {"Retry-After": status.retry_after, "Location": status.location}
        error = {"message": message, "type": "error", "code": status.code, "param": status.param}
        self._json({"error": error}, status=status.code, headers={k: v for k, v in extra.items() if v is not None})

    def _stream(self, says: Says, request: Request) -> None:
        self._wait(says.first_s)
        self._start_stream()
        for number, delta in enumerate(_deltas(says)):
            if number == says.cut_after:
                break
            if number:
                self._wait(says.chunk_s)
            self._data(delta, finish=None)
        if says.cut_after is not None:
            self._cut()
            return
        self._data({}, finish=says.finish)
        if says.usage and (request.body.get("stream_options") or {}).get("include_usage"):
            self._event(json.dumps(_completion(self.server_.model) | {"choices": [], "usage": _usage(says, request)}))
        self._event("[DONE]")
        self._chunk(b"")

    def _whole(self, says: Says, request: Request) -> None:
        pieces = 1 if says.endless else len(list(_deltas(says)))
        self._wait(says.first_s + pieces * says.chunk_s)
        message: dict[str, Any] = {"role": "assistant", "content": says.text}
        if says.reasoning:
            message[says.reasoning_field] = says.reasoning
        if says.tool_call:
            message |= {"content": None, "tool_calls": [_TOOL_CALL]}
        choice = {"index": 0, "message": message, "finish_reason": says.finish}
        body = _completion(self.server_.model, "chat.completion") | {"choices": [choice]}
        self._json(body | ({"usage": _usage(says, request)} if says.usage else {}), cut=says.cut_after is not None)

    def _start_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _data(self, delta: dict[str, Any], *, finish: str | None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        self._event(json.dumps(_completion(self.server_.model) | {"choices": [choice]}))

    def _event(self, data: str) -> None:
        self._check_hung_up(0)
        self._chunk(f"data: {data}\n\n".encode())

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def _json(self, body: Any, *, status: int = 200, headers: dict[str, str] | None = None, cut: bool = False) -> None:
        self._send(json.dumps(body).encode(), "application/json", status=status, headers=headers, cut=cut)

    def _send(
        self, body: bytes, kind: str, *, status: int = 200, headers: dict[str, str] | None = None, cut: bool = False
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self._cut()

    def _cut(self) -> None:
        _shut(self.connection)
        self.close_connection = True

    def _wait(self, seconds: float) -> None:
        """Do nothing for a while, and notice a client that hangs up meanwhile."""
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            self._check_hung_up(min(left, 0.02))

    def _check_hung_up(self, timeout: float) -> None:
        if self.server_.closing.is_set():
            raise _HungUp
        ready, _, _ = select.select([self.connection], [], [], timeout)
        if ready and not self.connection.recv(1, socket.MSG_PEEK):
            raise _HungUp


_TOOL_CALL = {"id": "call_1", "index": 0, "type": "function", "function": {"name": "note", "arguments": "{}"}}


def _completion(model: str, kind: str = "chat.completion.chunk") -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": 1, "model": model}


def _deltas(says: Says) -> Any:
    """The pieces of the answer, in order."""
    yield {"role": "assistant", "content": ""}
    for start in range(0, len(says.reasoning), says.chunk):
        yield {says.reasoning_field: says.reasoning[start : start + says.chunk]}
    if says.tool_call:
        yield {"tool_calls": [_TOOL_CALL]}
    while True:
        for start in range(0, len(says.text), says.chunk):
            yield {"content": says.text[start : start + says.chunk]}
        if not says.endless:
            return


def _usage(says: Says, request: Request) -> dict[str, int]:
    """Figures as a server would report them: one token for four characters."""
    given, made = len(request.text) // 4 + 1, (len(says.text) + len(says.reasoning)) // 4 + 1
    return {"prompt_tokens": given, "completion_tokens": made, "total_tokens": given + made}
