"""Reading the evidence channel. The program can write to it: frames are parsed strictly, and never trusted."""

import json
from collections.abc import Callable
from typing import Any, NoReturn

from sandbox.local.inside import wire

_MAX_FRAME = 8 << 20


class EvidenceReader:
    """Cuts the channel into frames. What is not a frame ends the reading: no observer sends it."""

    def __init__(self, on_frame: Callable[[dict[str, Any]], None] | None = None) -> None:
        self.frames: list[dict[str, Any]] = []
        self.malformed = False
        self._on_frame = on_frame
        self._pending = bytearray()

    def add(self, data: bytes) -> None:
        if self.malformed:
            return
        self._pending += data
        while (payload := self._next()) is not None:
            self._take(payload)

    def _next(self) -> bytes | None:
        if self.malformed or len(self._pending) < 4:
            return None
        length = wire.prefixed_length(self._pending)
        if length > _MAX_FRAME:
            self.malformed = True
            return None
        if len(self._pending) < 4 + length:
            return None
        payload = bytes(self._pending[4 : 4 + length])
        del self._pending[: 4 + length]
        return payload

    def _take(self, payload: bytes) -> None:
        try:
            frame = json.loads(payload, parse_constant=_not_json)
        except (ValueError, RecursionError):
            frame = None
        if not isinstance(frame, dict):
            self.malformed = True
            return
        self.frames.append(frame)
        if self._on_frame is not None:
            self._on_frame(frame)


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
