"""The host's handle on one warm interpreter: started once, asked for a supervisor per run, ended as a whole."""

import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.local.grounds import Ground
from sandbox.local.inside import wire
from sandbox.local.inside.processes import cpu_seconds, descendants
from sandbox.runtime import Interpreter
from sandbox.schema import Runtime

_STUCK_S = 120.0
_LOOK_S = 1.0
_KILLED_S = 20.0


class Zygote:
    """Starting is done in a thread of its own, which then waits for the process: a jail dies with its parent thread.

    With `spare` there is always one supervisor that waits for its request: half of a short run's time is its start.
    """

    def __init__(
        self,
        runtime: Runtime,
        interpreter: Interpreter,
        ground: Ground,
        *,
        spare: bool = False,
        scratch: Path | None = None,
    ) -> None:
        self.runtime = runtime
        self.interpreter = interpreter
        self.runs = 0
        self._ground = ground
        self._keep_spare = spare
        self._spare: socket.socket | None = None
        self._active = 0
        self._control, self._remote = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._process: subprocess.Popen[bytes] | None = None
        self._log = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115
        self._ready = threading.Event()
        self._failure: str | None = None
        self._idle = threading.Condition()
        self._closing = threading.Lock()
        self._closed = False
        self._started = threading.Event()
        threading.Thread(target=self._own_process, name=f"zygote-{runtime}", daemon=True).start()

    @property
    def ready(self) -> bool:
        return self._ready.is_set() and self._failure is None

    @property
    def alive(self) -> bool:
        return not self._closed and self._failure is None and (self._process is None or self._process.poll() is None)

    def wait_ready(self, cancel: threading.Event | None = None) -> None:
        """Raises SandboxError, with the reason, where the interpreter cannot be started in its jail."""
        while not self._ready.wait(None if cancel is None else 0.05):
            if cancel is not None and cancel.is_set():
                return
        if self._failure is not None:
            raise SandboxError(f"the {self.runtime} sandbox cannot start: {self._failure}; see 'gradproof doctor'")

    @contextmanager
    def connect(self) -> Iterator[socket.socket]:
        """A connection to a supervisor of its own. Where the zygote is gone or may not be forked it ends unanswered,
        or with a sentence that says why."""
        with self._idle:
            self._active += 1
            self.runs += 1
            connection, self._spare = self._spare, None
            if connection is not None and wire.readable(connection.fileno(), 0):  # it says nothing before it is asked
                connection.close()
                connection = None
            connection = connection or self._ask_for_supervisor()
            if self._keep_spare and not self._closed:
                self._spare = self._ask_for_supervisor()
        try:
            with connection:
                yield connection
        finally:
            with self._idle:
                self._active -= 1
                self._idle.notify_all()

    def retire(self) -> None:
        """Close it once its last run has ended; nobody may connect any more."""
        with self._idle:
            self._idle.wait_for(lambda: not self._active)
        self.close()

    def close(self, *, timeout: float = 2.0) -> None:
        """End it and everything in its jail; returns when the processes are gone."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._end(timeout)

    def _ask_for_supervisor(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs, suppress(OSError):
            socket.send_fds(self._control, [b"run"], [theirs.fileno()], socket.MSG_DONTWAIT)
        return ours

    def _end(self, timeout: float) -> None:
        with self._idle:
            spare, self._spare = self._spare, None
        if spare is not None:
            spare.close()
        with suppress(OSError):
            self._control.shutdown(socket.SHUT_WR)  # it ends when it reads this; reading its side shows when it has
        self._started.wait(timeout)
        if self._process is not None:
            try:
                self._process.wait(timeout if self._ready.is_set() else 0)
            except subprocess.TimeoutExpired:
                self._kill()
                self._process.wait(_KILLED_S)
            self._await_silence(timeout)
        self._ready.wait(timeout)  # the thread that listens to the socket has ended
        self._control.close()
        self._log.close()

    def _kill(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _own_process(self) -> None:
        try:
            self._process = self._start()
        except (OSError, SandboxError) as error:
            self._failure = str(error)
        self._remote.close()
        self._started.set()
        if self._process is not None:
            self._await_ready(self._process.pid)
            self._process.wait()
        self._ready.set()

    def _start(self) -> subprocess.Popen[bytes]:
        descriptor = self._remote.fileno()
        program = "import sys; sys.path[0] = sys.argv[1]; from gradproof_inside.zygote import serve; "
        program += "del sys.path[0]; serve(sys.argv[2], sys.argv[3], int(sys.argv[4]))"
        inside = [self.interpreter.executable, "-s", "-c", program, self._ground.inside]
        inside += [self.runtime, self._ground.tier, str(descriptor)]
        command, environment, passed = self._ground.command(self.interpreter, inside, keep=descriptor)
        try:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._log,
                pass_fds=passed,
                env=environment,
                cwd="/",
                start_new_session=True,
            )
        finally:
            for other in set(passed) - {descriptor}:
                os.close(other)

    def _await_ready(self, pid: int) -> None:
        """However long it takes: a busy machine can need minutes. It has failed where it ends, or stands still."""
        progress, since = 0.0, time.monotonic()
        while not wire.readable(self._control.fileno(), _LOOK_S):
            if (used := _cpu_seconds_below(pid)) != progress:
                progress, since = used, time.monotonic()
            elif time.monotonic() > since + _STUCK_S:
                self._failure = f"importing the framework stood still for {_STUCK_S:g} seconds"
                self._kill()
                break
        else:
            self._hear_ready()
        self._ready.set()

    def _hear_ready(self) -> None:
        try:
            answer = self._control.recv(65536)
        except OSError:
            answer = b""
        if not answer:
            self._failure = "it was closed" if self._closed else self._last_words()
        elif oddity := json.loads(answer)["oddity"]:
            self._failure = oddity
        elif self._keep_spare:
            with self._idle:
                self._spare = None if self._closed else self._ask_for_supervisor()

    def _last_words(self) -> str:
        self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, self._log.tell() - 2000))
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return explain_start_failure(lines[-1] if lines else "its process ended without a word")

    def _await_silence(self, timeout: float) -> None:
        """The kernel ends a jail's processes just after its first one: wait for the last to let go of the socket."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline and wire.readable(self._control.fileno(), 0.05):
            with suppress(OSError):
                if self._control.recv(65536):
                    continue
            break


def _cpu_seconds_below(pid: int) -> float:
    """Of a process and of all below it, as far as they can be seen."""
    return sum(cpu_seconds(str(each), children=False) for each in (pid, *descendants(pid)))


def explain_start_failure(line: str) -> str:
    """bubblewrap's own words, with what mends them where that is known."""
    if "setting up uid map" in line or "No permissions to create" in line or "Creating new namespace" in line:
        return (
            f"{line} (unprivileged user namespaces are switched off; switch them on with "
            "'sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=15000', and on Ubuntu also "
            "'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'; GRADPROOF_SANDBOX=docker runs "
            "programs in containers, GRADPROOF_SANDBOX=unjailed without a jail, against accidents alone)"
        )
    if "mount proc" in line:
        return f"{line} (a container hides parts of /proc; start it with '--security-opt systempaths=unconfined')"
    if "setresuid failed" in line:
        return f"{line} (root is no real root here and cannot become another user; start gradproof as an ordinary user)"
    return line
