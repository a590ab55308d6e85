"""Whose a container is: written on it as a label, so that what a dead process left behind can be told and removed."""

import os
import platform
from contextlib import suppress
from pathlib import Path

from sandbox.docker.engine import Engine
from sandbox.errors import SandboxError

LABEL = "gradproof.owner"
_UNKNOWN = "unknown"


def own_label() -> str:
    """Where this process runs, its number and when it started: a number alone is given out again."""
    return f"{_place()}/{os.getpid()}/{_started(os.getpid())}"


def remove_leftovers(engine: Engine) -> list[str]:
    """Remove the containers of processes of this machine that are no more; their names."""
    listed = engine.ask(
        "ps", "--all", "--filter", f"label={LABEL}", "--format", f'{{{{.Names}}}} {{{{.Label "{LABEL}"}}}}'
    )
    lines = (line.split(" ", 1) for line in listed.splitlines())
    left = [name for name, label in lines if _is_dead(label)]
    for name in left:
        with suppress(SandboxError):  # somebody else was quicker
            engine.ask("rm", "--force", "--volumes", name)
    return left


def _is_dead(label: str) -> bool:
    """Only what can be known: what runs on another machine, in another process namespace or not on Linux may live."""
    place, _, process = label.partition("/")
    number, _, started = process.partition("/")
    if place != _place() or not number.isdecimal():
        return False
    return _started(int(number)) not in (started, _UNKNOWN)


def _place() -> str:
    """This boot of this machine, and the process namespace: process numbers mean something within these."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}:{Path('/proc/self/ns/pid').readlink()}"
    except OSError:  # not Linux
        return platform.node()


def _started(pid: int) -> str | None:
    """When a process started, in the kernel's ticks; None where there is none, or only its exit status is left."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2].split()
    except OSError:
        return None if Path("/proc/self/stat").exists() else _UNKNOWN
    return None if fields[0] == b"Z" else fields[19].decode()
