"""One run, from request to result. Forked before anything untrusted exists, and the only source of facts about it.

The program is a child in its own pid namespace; when its first process ends, for whatever reason, the namespace is
killed as a whole, then the pipes are drained, then files are collected, then the result goes out.
"""

import contextlib
import json
import os
import resource
import selectors
import signal
import socket
import sys
import time
from typing import Any

from . import collect, linux, program, wire
from .watch import Usage

_TICK_S = 0.03
_BACKLOG_BYTES = 4 << 20
_CHUNK = 1 << 16
_FLOOD_BYTES = 64 << 20
_MEGABYTE = 1 << 20


def supervise(connection: socket.socket, seccomp_filter: bytes) -> None:
    """Called in the zygote's forked child. Ends the process."""
    try:
        Run(connection, seccomp_filter).run()
    except Exception as error:
        with contextlib.suppress(OSError):
            wire.send(connection, wire.BROKEN, f"{type(error).__name__}: {error}".encode())
    finally:
        os._exit(0)  # the namespace's first process ends with this one


class Run:
    def __init__(self, connection: socket.socket, seccomp_filter: bytes) -> None:
        self._connection = connection
        self._seccomp_filter = seccomp_filter
        self._request: dict[str, Any] = {}
        self._outgoing = bytearray()
        self._streams: dict[int, bytes] = {}
        self._sent = {wire.STDOUT: 0, wire.STDERR: 0, wire.EVIDENCE: 0}
        self._usage = Usage()
        self._next_sample = 0.0
        self._ended_by: tuple[str, str] | None = None

    def run(self) -> None:
        self._request = json.loads(self._expect(wire.REQUEST))
        limits = self._request["limits"]
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
        linux.enter_namespaces()
        self._mount(limits)
        first = self._start_first_process()
        self._unpack()
        started = time.monotonic()
        code = self._start_program()
        wire.send(self._connection, wire.STARTED)
        status, usage = self._watch(code, started + limits["wall_s"])
        wall = time.monotonic() - started
        os.kill(first, signal.SIGKILL)
        os.waitpid(first, 0)  # returns when every process of the namespace is gone
        self._drain()
        self._usage.finish(usage)
        self._report(status, wall)

    def _expect(self, kind: bytes) -> bytes:
        received = wire.receive(self._connection)
        if received is None or received[0] != kind:
            raise ConnectionError("the host ended the request early")
        return received[1]

    def _mount(self, limits: dict[str, Any]) -> None:
        flags = linux.MS_NOSUID | linux.MS_NODEV
        size = f"size={limits['disk_mb']}m,nr_inodes={limits['inodes']},mode=0700"
        below = {path: linux.copy_mount(path) for path in {sys.prefix, sys.base_prefix} if path.startswith("/tmp/")}
        linux.mount("tmpfs", "/tmp", flags=flags, options=size)
        linux.mount("tmpfs", "/dev/shm", flags=flags, options=size)
        for interpreter, mounts in below.items():
            os.makedirs(interpreter, exist_ok=True)  # noqa: PTH103
            linux.attach_mount(mounts, interpreter)
        for folder in (program.HOME, program.WORK):
            os.mkdir(folder, 0o700)  # noqa: PTH102

    def _start_first_process(self) -> int:
        """Process 1 of the namespace: reaps orphans by ignoring them, ends with this process, whose pipe it reads."""
        reader, self._lifeline = os.pipe()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        streams = [
            (os.POSIX_SPAWN_DUP2, reader, 0),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ]
        first = os.posix_spawn("/usr/bin/cat", ["cat"], {}, file_actions=streams)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.close(reader)
        return first

    def _unpack(self) -> None:
        for path in self._request["files"]:
            target = f"{program.WORK}/{path}"
            os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120
            with open(target, "wb") as file:  # noqa: PTH123
                file.write(self._expect(wire.CONTENT))

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
            seccomp_filter=self._seccomp_filter,
            stdout=writers[wire.STDOUT],
            stderr=writers[wire.STDERR],
            evidence=writers.get(wire.EVIDENCE),
            ready=ready,
        )
        program.run(self._request["argv"], self._request["observe"])

    def _watch(self, code: int, deadline: float) -> tuple[int, resource.struct_rusage]:
        """Forward the streams and enforce the limits until the program's first process has ended."""
        ended = os.pidfd_open(code)
        self._connection.setblocking(False)
        while True:
            ready = self._wait(ended, min(_TICK_S, max(deadline - time.monotonic(), 0.001)))
            if ended in ready:
                break
            for stream in ready & self._streams.keys():
                self._forward(stream)
            self._ended_by = self._ended_by or self._limit_hit(deadline, self._connection.fileno() in ready)
            if self._ended_by:
                signal.pidfd_send_signal(ended, signal.SIGKILL)
                break
        _, status, usage = os.wait4(code, 0)
        os.close(ended)
        return status, usage

    def _wait(self, ended: int, timeout: float) -> set[int]:
        with selectors.PollSelector() as poll:
            poll.register(ended, selectors.EVENT_READ)
            poll.register(self._connection, selectors.EVENT_READ | (selectors.EVENT_WRITE if self._outgoing else 0))
            if len(self._outgoing) < _BACKLOG_BYTES:  # a host that is slow to read slows the program, not the watch
                for stream in self._streams:
                    poll.register(stream, selectors.EVENT_READ)
            events = poll.select(timeout)
        if any(mask & selectors.EVENT_WRITE for _, mask in events):
            self._send_some()
        return {key.fd for key, mask in events if mask & selectors.EVENT_READ}

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
            del self._outgoing[: self._connection.send(self._outgoing)]
        except BlockingIOError:
            pass
        except OSError:
            self._ended_by = ("cancelled", "the host has gone")
            self._outgoing.clear()

    def _limit_hit(self, deadline: float, host_spoke: bool) -> tuple[str, str] | None:
        limits, usage = self._request["limits"], self._usage
        if time.monotonic() >= deadline:
            return "timeout", f"It was ended after its limit of {limits['wall_s']:g} seconds."
        if host_spoke:  # a cancellation, or the end of the host
            return "cancelled", "It was cancelled."
        if time.monotonic() >= self._next_sample:
            usage.sample(memory_limit=limits["memory_mb"] * _MEGABYTE)
            self._next_sample = time.monotonic() + _TICK_S
        if usage.memory_bytes > limits["memory_mb"] * _MEGABYTE:
            used = usage.memory_bytes // _MEGABYTE
            return "memory", f"It used {used} MB of memory; its limit is {limits['memory_mb']} MB."
        if usage.cpu_s > limits["cpu_s"]:
            return "cpu", f"It used {usage.cpu_s:.1f} CPU seconds; its limit is {limits['cpu_s']:g}."
        if usage.tasks > limits["processes"]:
            return "processes", f"It had {usage.tasks} processes and threads; its limit is {limits['processes']}."
        if max(self._sent[wire.STDOUT], self._sent[wire.STDERR]) > _FLOOD_BYTES:
            return "output", f"It wrote more than {_FLOOD_BYTES // _MEGABYTE} MB of output."
        if self._sent[wire.EVIDENCE] > limits["evidence_bytes"]:
            return "evidence", f"Its observers sent more than their limit of {limits['evidence_bytes']} bytes."
        return None

    def _drain(self) -> None:
        """Every writer is dead: what is left in the pipes is at most their capacity."""
        self._connection.setblocking(True)
        for stream in list(self._streams):
            while self._forward(stream):
                pass

    def _report(self, status: int, wall: float) -> None:
        limits, code = self._request["limits"], os.waitstatus_to_exitcode(status)
        facts = {
            "exit_code": code if code >= 0 else None,
            "signal": -code if code < 0 and self._ended_by is None else None,
            "ended_by": self._ended_by,
            "wall_s": wall,
            "cpu_s": self._usage.cpu_s,
            "peak_bytes": self._usage.peak_bytes,
        }
        self._connection.sendall(self._outgoing)
        root = os.open(program.WORK, os.O_RDONLY | os.O_DIRECTORY)
        files = collect.Collection(
            root,
            self._request["collect"],
            max_bytes=limits["artifact_mb"] * _MEGABYTE,
            max_files=limits["artifact_files"],
        )
        for path, content in files:
            wire.send(self._connection, wire.ARTIFACT, wire.prefixed(path.encode()) + content)
        wire.send_json(self._connection, wire.RESULT, {**facts, "artifacts_refused": files.refused})
