"""One container, from the start of its client until the engine has removed it.

Ending the client does not end what it started: the container is ended by its name.
"""

import logging
import os
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from sandbox.docker.engine import Engine, client_environment
from sandbox.errors import SandboxError

_END_S = 10.0
_POLL_S = 0.1
_LAST_WORDS = 4000
_NOT_MADE = 125
_logger = logging.getLogger(__name__)


class Container:
    """`command` is a `docker run` of a container of this name, which removes itself at its end."""

    def __init__(self, engine: Engine, command: list[str], name: str, *, scratch: Path | None = None) -> None:
        self.name = name
        self.exit_code: int | None = None
        """The client's, once it has ended: the container's own, where there was one."""
        self.words = ""
        """What the client and process 1 of the container said on standard error: its end."""
        self._engine, self._command, self._scratch = engine, command, scratch
        self._client: subprocess.Popen[bytes] | None = None
        self._starting, self._ended = threading.Lock(), False

    @property
    def was_never_made(self) -> bool:
        return self.exit_code == _NOT_MADE

    @contextmanager
    def connect(self) -> Iterator[socket.socket]:
        """A connection to the container's standard input and output; afterwards the container is gone."""
        ours, theirs = socket.socketpair()
        with tempfile.TemporaryFile(dir=self._scratch) as log, ours:
            with theirs:
                client = self._start(theirs, log)
            try:
                yield ours
            finally:
                ours.close()  # its supervisor, if it still runs, reads the end of its input and ends
                self._await_end(client)
                log.seek(max(0, log.seek(0, os.SEEK_END) - _LAST_WORDS))
                self.words = log.read().decode(errors="replace")

    def kill(self) -> None:
        """End everything in it, now. Whoever waits for the client sees it end."""
        with suppress(SandboxError):  # it has ended already
            self._engine.ask("kill", self.name)

    def _start(self, connection: socket.socket, log: IO[bytes]) -> subprocess.Popen[bytes]:
        with self._starting:
            if self._ended:
                raise SandboxError("the sandbox was closed before a program started; open another one")
            self._client = subprocess.Popen(
                self._command,
                stdin=connection,
                stdout=connection,
                stderr=log,
                env=client_environment(),
                start_new_session=True,
            )
            return self._client

    def _await_end(self, client: subprocess.Popen[bytes]) -> None:
        """The client of a container that removes itself waits for that; without a client the engine is asked."""
        try:
            self.exit_code = client.wait(_END_S)
        except subprocess.TimeoutExpired:
            client.kill()
            self.exit_code = client.wait()
        if self.exit_code != 0:  # a supervisor always ends with 0
            self.remove()

    def end(self) -> None:
        """End it from another thread, even while it is made: who is connected sees its end."""
        with self._starting:
            self._ended = True
            if self._client is not None:
                self._client.kill()
        self.remove()

    def remove(self) -> None:
        """End what bears its name, and wait until the engine no longer knows it."""
        deadline = time.monotonic() + _END_S
        with suppress(SandboxError):  # it has ended already, or is being removed
            self._engine.ask("rm", "--force", "--volumes", self.name)
        while self._is_known() and time.monotonic() < deadline:
            time.sleep(_POLL_S)

    def _is_known(self) -> bool:
        try:
            return bool(self._engine.ask("ps", "--all", "--quiet", "--filter", f"name=^{self.name}$"))
        except SandboxError as error:
            _logger.warning("It is not known whether the container %s still runs: %s", self.name, error)
            return False
