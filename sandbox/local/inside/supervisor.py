"""One run, from request to result. Forked before anything untrusted exists, and the only source of facts about it.

The program is a child of this process, behind the walls of its tier; when its first process ends, for whatever reason,
all that it started is killed, then the pipes are drained, then files are collected, then the result goes out.
"""

import contextlib
import json
import os
import resource
import select
import signal
import socket
import stat
import time
from typing import Any

from . import collect, groups, linux, program, wire
from .bare import Bare
from .namespaces import OwnNamespaces
from .processes import end_of_child
from .shared import Shared
from .walls import Walls
from .watch import Ending, Usage

_TICK_S = 0.03
_PARTING_S = 1.0
_BACKLOG_BYTES = 4 << 20
_CHUNK = 1 << 16
_MEGABYTE = 1 << 20
_WALLS: dict[str, type[Walls]] = {"A": OwnNamespaces, "C": Bare}


def supervise(reader: int, writer: int, tier: str) -> None:
    """Called in a child of the zygote, or in a container; the host is at the other end. Ends the process."""
    walls = _WALLS.get(tier, Shared)()
    try:
        Run(reader, writer, walls).run()
    except Exception as error:
        with contextlib.suppress(Exception):
            walls.end()
        with contextlib.suppress(OSError):
            os.set_blocking(writer, True)
            wire.send(writer, wire.BROKEN, f"{type(error).__name__}: {error}".encode())
            while wire.readable(reader, _PARTING_S) and os.read(reader, _CHUNK):
                pass  # a socket that is closed with something unread takes what was sent along
    finally:
        os._exit(0)  # what still runs behind the walls ends with this process


class Run:
    def __init__(self, reader: int, writer: int, walls: Walls) -> None:
        self._reader, self._writer = reader, writer
        self._walls = walls
        self._request: dict[str, Any] = {}
        self._outgoing = bytearray()
        self._streams: dict[int, bytes] = {}
        self._sent = {wire.STDOUT: 0, wire.STDERR: 0, wire.EVIDENCE: 0}
        self._usage: Usage
        self._next_sample = 0.0
        self._ended_by: Ending | None = None

    def run(self) -> None:
        if self._walls.jailed:  # else it lives on for as long as it takes to end what it guards
            linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
        self._walls.prepare()
        self._request = json.loads(self._expect(wire.REQUEST))
        self._walls.raise_up(self._request)
        root = os.open(self._walls.work, os.O_RDONLY | os.O_DIRECTORY)
        self._unpack()
        self._usage = Usage(self._request["limits"], self._walls)
        started = time.monotonic()
        code = self._start_program()
        self._say_started(self._walls.guard(code))
        status, usage = self._watch(code, started + self._request["limits"]["wall_s"])
        wall = time.monotonic() - started
        self._walls.end()
        self._drain()
        self._usage.finish(usage)
        self._ended_by = self._ended_by or self._ended_by_kernel(status)
        self._report(status, wall, root)

    def _expect(self, kind: bytes) -> bytes:
        received = wire.receive(self._reader)
        if received is None or received[0] != kind:
            raise ConnectionError("the host ended the request early")
        return received[1]

    def _say_started(self, guard: int) -> None:
        """With descriptors of this process and of the one that the run ends with: a host that is on this machine can
        end the run where this process is stuck."""
        if not stat.S_ISSOCK(os.fstat(self._writer).st_mode):
            return wire.send(self._writer, wire.STARTED)
        held = [os.pidfd_open(pid) for pid in (os.getpid(), guard)]
        with socket.socket(fileno=os.dup(self._writer)) as connection:
            socket.send_fds(connection, [wire.frame(wire.STARTED, b"")], held)
        for descriptor in held:
            os.close(descriptor)
        return None

    def _unpack(self) -> None:
        for path in self._request["files"]:
            target = f"{self._walls.work}/{path}"
            os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120
            with open(target, "wb") as file:  # noqa: PTH123
                file.write(self._expect(wire.CONTENT))
        self._walls.hand_over()
        self._given = {path: collect.stamp(os.lstat(f"{self._walls.work}/{path}")) for path in self._request["files"]}

    def _start_program(self) -> int:
        pipes = {wire.STDOUT: os.pipe(), wire.STDERR: os.pipe()}
        if self._request["observe"] is not None:
            pipes[wire.EVIDENCE] = os.pipe()
        ready_reader, ready_writer = os.pipe()
        code = os.fork()
        if code == 0:
            try:
                self._become_program({kind: writer for kind, (_, writer) in pipes.items()}, ready_writer)
            finally:
                os._exit(70)
        os.close(ready_writer)
        if (answer := os.read(ready_reader, 4096)) != b".":
            raise RuntimeError(answer.decode(errors="replace") or "the program's process ended while it was set up")
        os.close(ready_reader)
        for kind, (reader, writer) in pipes.items():
            os.close(writer)
            os.set_blocking(reader, False)
            self._streams[reader] = kind
        return code

    def _become_program(self, writers: dict[bytes, int], ready: int) -> None:
        program.lock_in(
            self._request,
            self._walls,
            stdout=writers[wire.STDOUT],
            stderr=writers[wire.STDERR],
            evidence=writers.get(wire.EVIDENCE),
            ready=ready,
        )
        program.run(self._request["argv"], self._request["observe"])

    def _watch(self, code: int, deadline: float) -> tuple[int, resource.struct_rusage]:
        """Forward the streams and enforce the limits until the program's first process has ended."""
        ended = end_of_child(code)
        os.set_blocking(self._writer, False)
        while True:
            ready = self._wait(ended, min(_TICK_S, max(deadline - time.monotonic(), 0.001)))
            if ended in ready:
                break
            for stream in ready & self._streams.keys():
                self._forward(stream)
            self._ended_by = self._ended_by or self._limit_hit(deadline, self._reader in ready)
            if self._ended_by:
                self._walls.strike(code)
                break
        _, status, usage = os.wait4(code, 0)
        os.close(ended)
        return status, usage

    def _wait(self, ended: int, timeout: float) -> set[int]:
        """The descriptors that can be read. A host that is slow to read slows the program, not the watch."""
        poll, readable = select.poll(), [ended, self._reader]
        if len(self._outgoing) < _BACKLOG_BYTES:
            readable += self._streams
        if self._outgoing:
            poll.register(self._writer, select.POLLOUT)
        for descriptor in readable:
            both = descriptor == self._writer and self._outgoing
            poll.register(descriptor, select.POLLIN | select.POLLOUT if both else select.POLLIN)
        events = poll.poll(timeout * 1000)
        if any(descriptor == self._writer and mask & ~select.POLLIN for descriptor, mask in events):
            self._send_some()
        return {descriptor for descriptor, mask in events if mask & ~select.POLLOUT and descriptor in readable}

    def _forward(self, stream: int) -> int:
        try:
            data = os.read(stream, _CHUNK)
        except BlockingIOError:
            return 0
        kind = self._streams[stream]
        if not data:
            os.close(stream)
            del self._streams[stream]
            return 0
        self._sent[kind] += len(data)
        self._outgoing += wire.frame(kind, data)
        return len(data)

    def _send_some(self) -> None:
        try:
            del self._outgoing[: os.write(self._writer, self._outgoing)]
        except BlockingIOError:
            pass
        except OSError:
            self._ended_by = Ending("cancelled", "The host has gone.")
            self._outgoing.clear()

    def _limit_hit(self, deadline: float, host_spoke: bool) -> Ending | None:
        limits = self._request["limits"]
        if time.monotonic() >= deadline:
            sentence = f"It was ended after its limit of {limits['wall_s']:g} seconds."
            return Ending("wall", sentence, limits["wall_s"], limits["wall_s"])
        if host_spoke:  # a cancellation, or the end of the host
            return Ending("cancelled", "It was cancelled.")
        if time.monotonic() >= self._next_sample:
            self._usage.sample()
            self._next_sample = time.monotonic() + _TICK_S
        if (over := self._usage.over()) is not None:
            return over
        if (wrote := max(self._sent[wire.STDOUT], self._sent[wire.STDERR])) > limits["flood_mb"] * _MEGABYTE:
            sentence = f"It wrote more than {limits['flood_mb']} MB of output."
            return Ending("output", sentence, limits["flood_mb"] * _MEGABYTE, wrote)
        if (told := self._sent[wire.EVIDENCE]) > limits["evidence_bytes"]:
            sentence = f"Its observers sent more than their limit of {limits['evidence_bytes']} bytes."
            return Ending("evidence", sentence, limits["evidence_bytes"], told)
        return None

    def _drain(self) -> None:
        """Every writer is dead: what is left in the pipes is at most their capacity."""
        os.set_blocking(self._writer, True)
        for stream in list(self._streams):
            while self._forward(stream):
                pass

    def _ended_by_kernel(self, status: int) -> Ending | None:
        """A container has a ceiling of its own above the limit, for memory that is taken between two looks."""
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        if not (killed and self._request["tier"] == "docker" and groups.ran_out_of_memory()):
            return None
        allowed = self._request["limits"]["memory_mb"]
        used = max(self._usage.peak_bytes / _MEGABYTE, allowed)
        return Ending("memory", f"It used more memory than its limit of {allowed} MB.", allowed, used)

    def _report(self, status: int, wall: float, root: int) -> None:
        limits, code = self._request["limits"], os.waitstatus_to_exitcode(status)
        facts = {
            "exit_code": code if code >= 0 else None,
            "signal": -code if code < 0 and self._ended_by is None else None,
            "ended_by": self._ended_by and self._ended_by._asdict(),
            "met": self._usage.met(),
            "wall_s": wall,
            "cpu_s": self._usage.cpu_s,
            "peak_bytes": self._usage.peak_bytes,
        }
        wire.write_all(self._writer, self._outgoing)
        files = collect.Collection(
            root,
            [] if self._ended_by and self._ended_by.name == "cancelled" else self._request["collect"],
            given=self._given,
            max_bytes=limits["artifact_mb"] * _MEGABYTE,
            max_files=limits["artifact_files"],
        )
        for path, content in files:
            wire.send(self._writer, wire.ARTIFACT, wire.prefixed(path.encode()) + content)
        self._walls.clear()
        left_out = {"artifacts_refused": files.refused, "artifacts_found": files.found, "artifact_bytes": files.bytes}
        wire.send_json(self._writer, wire.RESULT, {**facts, **left_out})
