"""Run git so that it runs nothing of what a repository names, ends in time, and leaves nothing running."""

import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from ingest.errors import Unreadable

MOST_OUTPUT = 200_000_000
"""Bytes of one answer of git: the list of some million files."""
NOTHING_RUNS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "core.pager=cat",
    "protocol.ext.allow=never",
    "safe.directory=*",
)
"""Settings by which a repository could name a program; of one that another user owns, only objects are read."""
SETTINGS = [part for setting in NOTHING_RUNS for part in ("-c", setting)]


def run(command: list[str], *, timeout: float, network: bool = False) -> subprocess.CompletedProcess[bytes]:
    """Run git to its end. Raises Unreadable where it takes too long, tells too much or is not there."""
    with (
        tempfile.TemporaryFile() as stderr,
        running(command, timeout=timeout, network=network, stderr=stderr) as process,
    ):
        assert process.stdout is not None
        stdout = process.stdout.read(MOST_OUTPUT + 1)
        if len(stdout) > MOST_OUTPUT:
            raise Unreadable(
                f"git tells more than {MOST_OUTPUT // 1_000_000} MB of it; name the folders in it one by one"
            )
        if process.wait() == -signal.SIGKILL:
            raise Unreadable(f"git took longer than {timeout:.0f} s")
        stderr.seek(0)
        return subprocess.CompletedProcess(command, process.returncode, stdout, stderr.read(MOST_OUTPUT))


@contextmanager
def running(
    command: list[str],
    *,
    timeout: float,
    network: bool = False,
    stdin: int = subprocess.DEVNULL,
    stderr: IO[bytes] | int = subprocess.DEVNULL,
) -> Iterator[subprocess.Popen[bytes]]:
    """It is killed, with what it started to fetch, when the time or the block ends."""
    try:
        process = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=_environment(network=network),
            start_new_session=True,
        )
    except FileNotFoundError:
        raise Unreadable("git is not installed; install it to read repositories") from None
    timer = threading.Timer(timeout, _kill_group, [process.pid])
    timer.start()
    with suppress(BrokenPipeError), process:
        try:
            yield process
        finally:
            timer.cancel()
            _kill_group(process.pid)


def _kill_group(leader: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _environment(*, network: bool = False) -> dict[str, str]:
    """Nobody else's settings and questions; to clone, the user's own for certificates, proxies and keys."""
    quiet = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
    if network:
        return {key: value for key, value in os.environ.items() if key != "GIT_DIR"} | quiet
    nothing_else = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_ALLOW_PROTOCOL": "none"}
    return {"PATH": os.environ.get("PATH", os.defpath)} | quiet | nothing_else
