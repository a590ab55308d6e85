"""The local sandbox: one warm interpreter per runtime, and one fork of it per run."""

import codecs
import json
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from sandbox.errors import SandboxError
from sandbox.local import request
from sandbox.local.evidence import EvidenceReader
from sandbox.local.gpu.lease import GpuPool, Lease, wants_gpu
from sandbox.local.grounds import Ground
from sandbox.local.inside import wire
from sandbox.local.outcome import CappedText, brought_down, exec_result, refused
from sandbox.local.place import Place, program_environment
from sandbox.local.zygote import Zygote
from sandbox.runtime import Installed, Interpreter, describe, installed, interpreter_path, require_framework
from sandbox.schema import Artifact, ExecResult, Job, Runtime, Tier

_RUNS_PER_ZYGOTE = 500
_GRACE_S = 15.0
_Decoder = codecs.getincrementaldecoder("utf-8")


class LocalSandbox:
    """See sandbox/base.py for the contract. Nothing is started before the first `warm` or `run`."""

    def __init__(
        self, ground: Ground, *, runtimes: dict[Runtime, Path] | None = None, scratch: Path | None = None
    ) -> None:
        self.tier: Tier = ground.tier
        self._ground = ground
        self._scratch = scratch
        self._runtimes = runtimes
        self._zygotes: dict[Runtime, Zygote] = {}
        self._retired: list[Zygote] = []
        self._lock = threading.Lock()
        self._gpus = GpuPool()
        self._slots = threading.BoundedSemaphore(1 if ground.serial else max(2, os.cpu_count() or 1))
        self._closed = False

    def installed(self, runtime: Runtime) -> Installed:
        return installed(runtime, self._runtimes)

    def warm(self, runtime: Runtime) -> None:
        self._zygote(runtime)

    def run(
        self,
        job: Job,
        *,
        on_output: Callable[[str], None] | None = None,
        on_evidence: Callable[[dict[str, Any]], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> ExecResult:
        if (reason := request.reason_to_refuse(job)) is not None:
            return refused(reason, self.tier)
        cancel = cancel or threading.Event()
        limit = job.limits.gpu_memory_mb
        with self._gpus.lease(wanted=wants_gpu(job), limit_mb=limit, cancel=cancel) as lease:
            while not self._slots.acquire(timeout=0.05):
                if cancel.is_set():
                    return refused("It was cancelled before it started.", self.tier)
            try:
                result = self._run_or_retry(job, on_output, on_evidence, cancel, lease)
            finally:
                self._slots.release()
        return result if lease is None else lease.told(result)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            zygotes = [*self._zygotes.values(), *self._retired]
            self._zygotes, self._retired = {}, []
        for zygote in zygotes:
            zygote.close()
        self._gpus.close()
        self._ground.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _zygote(self, runtime: Runtime) -> Zygote:
        """The warm interpreter of this runtime, or a fresh one where it is worn out or gone."""
        interpreter = self._interpreter(runtime)
        with self._lock:
            if self._closed:
                raise SandboxError("the sandbox has been closed; open another one")
            current = self._zygotes.get(runtime)
            if current is not None and current.alive and current.runs < _RUNS_PER_ZYGOTE:
                return current
            self._zygotes[runtime] = Zygote(runtime, interpreter, self._ground, scratch=self._scratch)
            if current is not None:
                self._retire(current)
            return self._zygotes[runtime]

    def _interpreter(self, runtime: Runtime) -> Interpreter:
        interpreter = describe(interpreter_path(runtime, self._runtimes))
        require_framework(runtime, interpreter)
        return interpreter

    def _run_or_retry(
        self,
        job: Job,
        on_output: Callable[[str], None] | None,
        on_evidence: Callable[[dict[str, Any]], None] | None,
        cancel: threading.Event,
        lease: Lease | None,
    ) -> ExecResult:
        """A run that never started is tried once more, with a fresh zygote."""
        failure = ""
        for _ in range(2):
            zygote = self._zygote(job.runtime)
            warm = zygote.ready
            zygote.wait_ready(cancel)
            if cancel.is_set():
                return refused("It was cancelled before it started.", self.tier)
            started = time.monotonic()
            attempt = _Attempt(job, zygote, on_output, on_evidence, cancel, lease)
            attempt.follow(self._ground.place(zygote.interpreter))
            if attempt.facts is not None:
                return exec_result(attempt.facts, job, tier=self.tier, warm=warm, **attempt.collected())
            failure = attempt.failure
            self._discard(zygote)
            if attempt.started and self.tier != "A":  # a program that lives beside its supervisor may bring it down
                facts = brought_down(time.monotonic() - started)
                return exec_result(facts, job, tier=self.tier, warm=warm, **attempt.collected())
            if attempt.started:
                break
        raise SandboxError(f"the sandbox's supervisor ended without a result ({failure}); see 'gradproof doctor'")

    def _discard(self, zygote: Zygote) -> None:
        with self._lock:
            if self._zygotes.get(zygote.runtime) is zygote:
                del self._zygotes[zygote.runtime]
                self._retire(zygote)

    def _retire(self, zygote: Zygote) -> None:
        """Let its other runs end in peace; closing the sandbox ends what is left."""
        self._retired = [other for other in self._retired if other.alive] + [zygote]
        threading.Thread(target=zygote.retire, daemon=True).start()


class _Attempt:
    """One run as its supervisor tells it."""

    def __init__(
        self,
        job: Job,
        zygote: Zygote,
        on_output: Callable[[str], None] | None,
        on_evidence: Callable[[dict[str, Any]], None] | None,
        cancel: threading.Event,
        lease: Lease | None,
    ) -> None:
        self.started = False
        self.facts: dict[str, Any] | None = None
        self.failure = "it did not answer"
        self._job, self._zygote, self._cancel, self._on_output = job, zygote, cancel, on_output
        self._lease = lease
        self._streams = {kind: CappedText(job.limits.output_bytes) for kind in (wire.STDOUT, wire.STDERR)}
        self._decoders = {kind: _Decoder(errors="backslashreplace") for kind in self._streams}
        self._evidence = EvidenceReader(on_evidence)
        self._artifacts: list[Artifact] = []

    def collected(self) -> dict[str, Any]:
        streams = (self._streams[wire.STDOUT], self._streams[wire.STDERR])
        return {"streams": streams, "evidence": self._evidence.frames, "artifacts": self._artifacts}

    def follow(self, place: Place) -> None:
        """Send the request, take what comes, until the result or the end of the connection."""
        with self._zygote.connect() as connection:
            watcher = threading.Thread(target=self._watch, args=(connection, done := threading.Event()), daemon=True)
            try:
                watcher.start()
                self._send_request(connection.fileno(), place)
                for kind, payload in wire.frames(connection.fileno()):
                    self._take(kind, payload, connection)
                    if kind in (wire.RESULT, wire.BROKEN):
                        break
            except OSError as error:
                self.failure = str(error)
            finally:
                done.set()
                watcher.join()

    def _send_request(self, connection: int, place: Place) -> None:
        environment = program_environment(self._zygote.interpreter, place.base)
        gpu = self._lease.gpu if self._lease is not None else None
        wire.send_json(connection, wire.REQUEST, request.to_wire(self._job, place, environment, gpu))
        for content in request.contents(self._job).values():
            wire.send(connection, wire.CONTENT, content)

    def _take(self, kind: bytes, payload: bytes, connection: socket.socket) -> None:
        if kind == wire.STARTED:
            self.started = True
        elif kind in self._streams:
            self._streams[kind].add(payload)
            if self._on_output is not None:
                self._on_output(self._decoders[kind].decode(payload))
        elif kind == wire.EVIDENCE:
            self._evidence.add(payload)
            if self._evidence.malformed:
                _cancel(connection)
        elif kind == wire.ARTIFACT and (named := wire.split_prefixed(payload)) is not None:
            self._artifacts.append(Artifact(path=named[0].decode(), bytes=len(named[1]), content=named[1]))
        elif kind == wire.RESULT:
            self.facts = json.loads(payload)
            if self._evidence.malformed:
                self.facts["ended_by"] = ("forged", "Something that is not a frame was written as evidence.", 0, 0)
            elif self._lease is not None:
                self._lease.explain(self.facts)
        elif kind == wire.BROKEN:
            self.failure = payload.decode(errors="replace")

    def _watch(self, connection: socket.socket, done: threading.Event) -> None:
        """Pass on a cancellation, and end the whole jail where the supervisor itself is stuck."""
        deadline = time.monotonic() + self._job.limits.wall_s + _GRACE_S
        while not done.wait(0.02):
            if self._cancel.is_set() or (self._lease is not None and self._lease.passed_limit()):
                _cancel(connection)
                deadline, self._cancel = min(deadline, time.monotonic() + _GRACE_S), threading.Event()
            if time.monotonic() > deadline:
                self.failure = "its supervisor was stuck"
                self._zygote.close()
                return


def _cancel(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
