"""What the processes of this machine are and use, as /proc tells it."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")


class Process(NamedTuple):
    pid: int
    name: str
    parent: int


def processes() -> list[Process]:
    """Every living process, zombies left out."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                name, fields = _stat(int(entry.name))
                if fields[0] not in "ZX":
                    found.append(Process(int(entry.name), name, int(fields[1])))
    return found


def below(ancestor: int, *, argument: str = "") -> set[int]:
    """Every living process below this one, or those whose command line holds `argument`."""
    children: dict[int, list[int]] = {}
    for process in processes():
        children.setdefault(process.parent, []).append(process.pid)
    found, unseen = set(), [ancestor]
    while unseen:
        these = children.get(unseen.pop(), [])
        found |= set(these)
        unseen += these
    return {pid for pid in found if argument in _command(pid)} if argument else found


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not (true := condition()) and time.monotonic() < deadline:
        time.sleep(0.001)
    return true


def cpu_seconds(pids: set[int]) -> float:
    """Of these processes and of the children that they have reaped."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            total += sum(int(field) for field in _stat(pid)[1][11:15])
    return total / _TICKS


def private_bytes(pids: set[int]) -> int:
    """Pages that one of these processes alone has; what it still shares with the one it was forked from is left out."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
            total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))
    return total


def _stat(pid: int) -> tuple[str, list[str]]:
    """The name, and the fields after it, from the third on: the name may hold anything."""
    text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    name, fields = text.split("(", 1)[1].rsplit(")", 1)
    return name, fields.split()


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
