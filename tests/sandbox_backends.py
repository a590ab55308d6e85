"""The back ends that the conformance tests run on, each opened the same way. One that is missing here is a skip."""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from sandbox.base import Sandbox
from sandbox.errors import SandboxError
from sandbox.open import open_sandbox
from sandbox.schema import ExecResult, Job

ROOT = Path(__file__).resolve().parents[1]
ALL = ("A", "A-user", "B", "C", "docker")
"""A: as this process runs. A-user: the same, opened by an ordinary user where this process is root."""
_OPTIONS = {
    "A": {"tier": "A"},
    "A-user": {"tier": "A"},
    "B": {"tier": "B"},
    "C": {"kind": "unjailed"},
    "docker": {"kind": "docker"},
}
_USER = 61000
"""The uid that programs have in a jail: bubblewrap needs no second user namespace to map it."""
Runner = Callable[[Job], ExecResult]


def backends(*, quick: tuple[str, ...] = ("A",)) -> pytest.MarkDecorator:
    """Run a test on every back end; on those that are not `quick` only with the slow tests."""
    params = [name if name in quick else pytest.param(name, marks=pytest.mark.slow) for name in ALL]
    return pytest.mark.parametrize("stage", params, indirect=True, scope="session")


def options_of(name: str) -> dict[str, str]:
    """What open_sandbox is told for a back end."""
    return _OPTIONS[name]


@contextmanager
def open_backend(name: str) -> Iterator[Runner]:
    """What runs a job on this back end."""
    if is_users(name):
        with open_driver(options_of(name), user=True) as driver:
            yield driver.run
        return
    with _opened(options_of(name)) as sandbox:
        yield sandbox.run


def is_users(name: str) -> bool:
    """Opened by an ordinary user: root's programs without a jail could not read an interpreter in root's home."""
    return name == "A-user" or (name == "C" and os.geteuid() == 0)


@contextmanager
def _opened(options: dict[str, str]) -> Iterator[Sandbox]:
    try:
        sandbox = open_sandbox(**options)  # type: ignore[arg-type]
    except SandboxError as error:
        if options.get("kind") == "docker" or options.get("tier") == "B":
            pytest.skip(str(error))
        raise
    with sandbox:
        yield sandbox


class Driver:
    """A host in another process. Jobs may be sent from several threads."""

    def __init__(self, process: subprocess.Popen[bytes], connection: Connection) -> None:
        self.process = process
        self._connection = connection
        self._answers: dict[Any, Future[Any]] = {"ready": Future()}
        self._lock = threading.Lock()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.pid: int = self._answers["ready"].result(60)
        """Of the host itself; the process that was started may be one that has made it another user."""

    def start(self, job: Job) -> tuple[Future[ExecResult], Future[str]]:
        """Its result to come, and the first thing that it says."""
        with self._lock:
            number = len(self._answers)
            self._answers[number], self._answers["said", number] = Future(), Future()
            self._connection.send((number, job))
        return self._answers[number], self._answers["said", number]

    def run(self, job: Job) -> ExecResult:
        result = self.start(job)[0].result(job.limits.wall_s + 60)
        if isinstance(result, str):
            raise SandboxError(result)
        return result

    def _read(self) -> None:
        try:
            while True:
                number, value = self._connection.recv()
                if number == "failed":
                    self._answers["ready"].set_exception(SandboxError(value))
                elif not self._answers[number].done():
                    self._answers[number].set_result(value)
        except (EOFError, OSError):
            for waiting in list(self._answers.values()):
                if not waiting.done():
                    waiting.set_exception(SandboxError("the host in the other process has gone"))


@contextmanager
def open_driver(options: dict[str, str], *, user: bool = False, within: tuple[str, ...] = ()) -> Iterator[Driver]:
    """A host in a process of its own, as an ordinary user where asked for, started by the command `within`."""
    command = [sys.executable, str(ROOT / "tests" / "sandbox_driver.py"), json.dumps(options)]
    ours, theirs = socket.socketpair()
    with ExitStack() as stack:
        stack.enter_context(ours)
        with theirs:
            process = subprocess.Popen([*(as_user() if user else []), *within, *command], stdin=theirs)
        connection = stack.enter_context(Connection(os.dup(ours.fileno())))
        stack.callback(_end, process, ours)
        yield Driver(process, connection)


def _end(process: subprocess.Popen[bytes], ours: socket.socket) -> None:
    ours.shutdown(socket.SHUT_RDWR)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def as_user() -> list[str]:
    """Become an ordinary user, who can see the interpreter even where it lies below a folder of root's."""
    if os.geteuid() != 0:
        pytest.skip("this process is no root: the back end A is already opened by an ordinary user")
    bwrap, setpriv = shutil.which("bwrap"), shutil.which("setpriv")
    if bwrap is None or setpriv is None:
        pytest.skip("bwrap or setpriv is missing")
    arguments = [bwrap, "--dev-bind", "/", "/", "--die-with-parent"]
    home = str(Path("~root").expanduser())
    private = [prefix for prefix in dict.fromkeys((sys.prefix, sys.base_prefix)) if prefix.startswith(f"{home}/")]
    if private:
        arguments += ["--perms", "0755", "--tmpfs", home]
        for prefix in private:
            for folder in reversed(Path(prefix).parents[:-2]):
                arguments += ["--perms", "0755", "--dir", str(folder)]
            arguments += ["--ro-bind", prefix, prefix]
    become = [setpriv, "--reuid", str(_USER), "--regid", str(_USER), "--clear-groups", "--inh-caps=-all"]
    return [*arguments, "--", *become, "--bounding-set=-all", "--pdeathsig", "KILL", "--"]
