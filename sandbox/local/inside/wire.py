"""Frames between the host and one run's supervisor, over a socket or a pair of pipes: a kind, a length, bytes.

Host to supervisor: REQUEST, then one CONTENT per file. Supervisor to host: STARTED, the streams
as they come, one ARTIFACT per collected file, then RESULT; or BROKEN with a sentence.
"""

import json
import os
import select
import struct
from typing import Any

REQUEST, CONTENT = b"J", b"F"
STARTED, STDOUT, STDERR, EVIDENCE, RESULT, ARTIFACT, BROKEN = b"S", b"O", b"E", b"V", b"R", b"A", b"X"

_HEADER = struct.Struct(">cI")
_PREFIX = struct.Struct(">I")


def frame(kind: bytes, payload: bytes) -> bytes:
    return _HEADER.pack(kind, len(payload)) + payload


def send(descriptor: int, kind: bytes, payload: bytes = b"") -> None:
    write_all(descriptor, frame(kind, payload))


def write_all(descriptor: int, data: bytes | bytearray) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


def send_json(descriptor: int, kind: bytes, value: Any) -> None:
    send(descriptor, kind, json.dumps(value).encode())


def receive(descriptor: int) -> tuple[bytes, bytes] | None:
    """The next frame, or None where the other side has gone."""
    header = _exactly(descriptor, _HEADER.size)
    if header is None:
        return None
    kind, length = _HEADER.unpack(header)
    payload = _exactly(descriptor, length)
    return None if payload is None else (kind, payload)


def take_frame(received: bytearray) -> tuple[bytes, bytes] | None:
    """Cut the first frame off what has been received so far, or None where it is not complete yet."""
    if len(received) < _HEADER.size:
        return None
    kind, length = _HEADER.unpack_from(received)
    end = _HEADER.size + length
    if len(received) < end:
        return None
    payload = bytes(memoryview(received)[_HEADER.size : end])
    del received[:end]
    return kind, payload


def readable(descriptor: int, seconds: float) -> bool:
    """Wait until there is something to read, or the end of it."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


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


def _exactly(descriptor: int, size: int) -> bytes | None:
    received = bytearray()
    while len(received) < size:
        chunk = os.read(descriptor, min(size - len(received), 1 << 20))
        if not chunk:
            return None
        received += chunk
    return bytes(received)
