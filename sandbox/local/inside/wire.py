"""Frames on the socket between the host and one run's supervisor: a kind, a length, bytes.

Host to supervisor: REQUEST, then one CONTENT per file. Supervisor to host: STARTED, the streams
as they come, one ARTIFACT per collected file, then RESULT; or BROKEN with a sentence.
"""

import json
import socket
import struct
from collections.abc import Iterator
from typing import Any

REQUEST, CONTENT = b"J", b"F"
STARTED, STDOUT, STDERR, EVIDENCE, RESULT, ARTIFACT, BROKEN = b"S", b"O", b"E", b"V", b"R", b"A", b"X"

_HEADER = struct.Struct(">cI")
_PREFIX = struct.Struct(">I")


def frame(kind: bytes, payload: bytes) -> bytes:
    return _HEADER.pack(kind, len(payload)) + payload


def send(connection: socket.socket, kind: bytes, payload: bytes = b"") -> None:
    connection.sendall(frame(kind, payload))


def send_json(connection: socket.socket, kind: bytes, value: Any) -> None:
    send(connection, kind, json.dumps(value).encode())


def receive(connection: socket.socket) -> tuple[bytes, bytes] | None:
    """The next frame, or None where the other side has gone."""
    header = _exactly(connection, _HEADER.size)
    if header is None:
        return None
    kind, length = _HEADER.unpack(header)
    payload = _exactly(connection, length)
    return None if payload is None else (kind, payload)


def frames(connection: socket.socket) -> Iterator[tuple[bytes, bytes]]:
    while (received := receive(connection)) is not None:
        yield received


def prefixed(payload: bytes) -> bytes:
    """A payload with its length in front, as evidence travels and as a file's name travels before its content."""
    return _PREFIX.pack(len(payload)) + payload


def split_prefixed(data: bytes | bytearray) -> tuple[bytes, bytes] | None:
    """The first prefixed payload and what follows it, or None where it is not complete yet."""
    end = _PREFIX.size + prefixed_length(data) if len(data) >= _PREFIX.size else 0
    if not end or len(data) < end:
        return None
    return bytes(data[_PREFIX.size : end]), bytes(data[end:])


def prefixed_length(data: bytes | bytearray) -> int:
    return _PREFIX.unpack_from(data)[0]


def _exactly(connection: socket.socket, size: int) -> bytes | None:
    received = bytearray()
    while len(received) < size:
        chunk = connection.recv(min(size - len(received), 1 << 20))
        if not chunk:
            return None
        received += chunk
    return bytes(received)
