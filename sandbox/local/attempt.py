"""One run as its supervisor tells it: the host's side of inside/wire.py, the same for every back end."""

import codecs
import json
import os
import select
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sandbox.local import request
from sandbox.local.evidence import EvidenceReader
from sandbox.local.facts import Ended, Facts, cancelled, out_of_time
from sandbox.local.gpu.lease import Lease
from sandbox.local.inside import wire
from sandbox.local.outcome import CappedText
from sandbox.local.place import Place
from sandbox.schema import Artifact, Job

_TICK_S = 0.01
_GRACE_S = 15.0
_CANCEL_GRACE_S = 2.0
_GONE_S = 2.0
_CHUNK = 1 << 18
_MOST_BESIDE = 1 << 20
_CLOSE_ON_EXEC = getattr(socket, "MSG_CMSG_CLOEXEC", 0)
_Decoder = codecs.getincrementaldecoder("utf-8")


class Attempt:
    """Follow one run over a connection to its supervisor, and end it by force where the supervisor does not.

    The program may take `start_s` to start, and from then on its wall time and some grace. `give_up` has to end a run
    of which nothing else is known than its connection.
    """

    def __init__(
        self,
        job: Job,
        place: Place,
        *,
        give_up: Callable[[], None],
        start_s: float,
        cancel: threading.Event,
        on_output: Callable[[str], None] | None = None,
        on_evidence: Callable[[dict[str, Any]], None] | None = None,
        lease: Lease | None = None,
    ) -> None:
        self.started = False
        self.facts: Facts | None = None
        """What is known of the run's end; None where the connection ended before."""
        self.failure = "it did not answer"
        self.forced = False
        """Whether its supervisor was killed, so that nobody has cleaned up behind it."""
        self._job, self._place, self._lease = job, place, lease
        self._give_up, self._cancel, self._on_output = give_up, cancel, on_output
        self._begun = time.monotonic()
        self._deadline = self._begun + start_s
        self._asked_to_end = False
        self._processes: list[int] = []
        self._outgoing: deque[memoryview] = deque()
        self._incoming = bytearray()
        self._streams = {kind: CappedText(job.limits.output_bytes) for kind in (wire.STDOUT, wire.STDERR)}
        self._decoders = {kind: _Decoder(errors="backslashreplace") for kind in self._streams}
        self._evidence = EvidenceReader(on_evidence)
        self._artifacts: list[Artifact] = []

    def collected(self) -> dict[str, Any]:
        streams = (self._streams[wire.STDOUT], self._streams[wire.STDERR])
        return {"streams": streams, "evidence": self._evidence.frames, "artifacts": self._artifacts}

    def follow(self, connection: socket.socket, environment: dict[str, str]) -> None:
        """Send the request, take what comes, until the result, the end of the connection, or an end by force."""
        connection.setblocking(False)
        self._outgoing.extend(map(memoryview, self._request(environment)))
        poll = select.poll()
        try:
            while self.facts is None and self._look_after(connection):
                poll.register(connection, select.POLLIN | (select.POLLOUT if self._outgoing else 0))
                mask = sum(events for _, events in poll.poll(_TICK_S * 1000))
                if mask & select.POLLOUT:
                    self._send_some(connection)
                if mask & ~select.POLLOUT and not self._receive(connection):
                    break
        except OSError as error:
            self.failure = str(error)
        finally:
            for descriptor in self._processes:
                os.close(descriptor)
        self._explain()

    def _request(self, environment: dict[str, str]) -> list[bytes]:
        gpu = self._lease.gpu if self._lease is not None else None
        message = json.dumps(request.to_wire(self._job, self._place, environment, gpu)).encode()
        contents = (wire.frame(wire.CONTENT, content) for content in request.contents(self._job).values())
        return [wire.frame(wire.REQUEST, message), *contents]

    def _send_some(self, connection: socket.socket) -> None:
        try:
            sent = connection.send(self._outgoing[0])
        except BlockingIOError:
            return
        except OSError:  # why it reads no more is still to be read
            self._outgoing.clear()
            return
        self._outgoing[0] = self._outgoing[0][sent:]
        if not self._outgoing[0]:
            self._outgoing.popleft()

    def _receive(self, connection: socket.socket) -> bool:
        """Whether more can come: of one that has closed early the error comes first, and then what it said last."""
        try:
            data, held, *_ = socket.recv_fds(connection, _CHUNK, 2, _CLOSE_ON_EXEC)
        except ConnectionResetError:
            return True
        self._processes += held
        self._incoming += data
        while (frame := wire.take_frame(self._incoming)) is not None:
            self._take(*frame)
        if len(self._incoming) > (self._job.limits.artifact_mb << 20) + _MOST_BESIDE:
            raise OSError("its supervisor sent more at once than an artifact may have")
        return bool(data)

    def _take(self, kind: bytes, payload: bytes) -> None:
        if kind == wire.STARTED:
            self.started = True
            if not self._asked_to_end:
                self._deadline = time.monotonic() + self._job.limits.wall_s + _GRACE_S
        elif kind in self._streams:
            self._streams[kind].add(payload)
            if self._on_output is not None:
                self._on_output(self._decoders[kind].decode(payload))
        elif kind == wire.EVIDENCE:
            self._evidence.add(payload)
        elif kind == wire.ARTIFACT and (named := wire.split_prefixed(payload)) is not None:
            self._artifacts.append(Artifact(path=named[0].decode(), bytes=len(named[1]), content=named[1]))
        elif kind == wire.RESULT:
            self.facts = Facts.model_validate_json(payload)
        elif kind == wire.BROKEN:
            self.failure = payload.decode(errors="replace")

    def _look_after(self, connection: socket.socket) -> bool:
        """Pass on what ends the run early. False where it had to be ended by force."""
        if not self._asked_to_end and self._is_to_end():
            self._asked_to_end = True
            self._deadline = min(self._deadline, time.monotonic() + _CANCEL_GRACE_S)
            self._outgoing.clear()
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
        if time.monotonic() < self._deadline:
            return True
        self.failure, self.forced = "its supervisor was stuck", True
        self._end_by_force()
        if self.started:
            wall_s = time.monotonic() - self._begun
            self.facts = cancelled(wall_s) if self._asked_to_end else out_of_time(wall_s, self._job.limits.wall_s)
        return False

    def _is_to_end(self) -> bool:
        over = self._lease is not None and self._lease.passed_limit()
        return over or self._evidence.malformed or self._cancel.is_set()

    def _end_by_force(self) -> None:
        """Only this run, where its processes are known."""
        for descriptor in self._processes:
            with suppress(OSError):
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        if not (self._processes and all(wire.readable(descriptor, _GONE_S) for descriptor in self._processes)):
            self._give_up()

    def _explain(self) -> None:
        """The supervisor knows that it was asked to end the run, and not what for."""
        if self.facts is None:
            return
        if self._evidence.malformed:
            ended = Ended(name="forged", sentence="Something that is not a frame was written as evidence.")
            self.facts = self.facts.model_copy(update={"ended_by": ended})
        elif self._lease is not None:
            self.facts = self._lease.explained(self.facts)
