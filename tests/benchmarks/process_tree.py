"""What the processes below one process use, as /proc tells it."""

import os
import time
from contextlib import suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def descendants(ancestor: int, *, argument: str = "") -> set[int]:
    """Every living process below this one, or those whose command line holds `argument`."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                state, parent = _stat(entry)[:2]
                children.setdefault(int(parent), []).extend([int(entry.name)] if state not in "ZX" else [])
    found, unseen = set(), [ancestor]
    while unseen:
        below = children.get(unseen.pop(), [])
        found |= set(below)
        unseen += below
    return {pid for pid in found if argument in _command(pid)} if argument else found


def wait_for_descendants(ancestor: int, *, at_most: int, seconds: float = 1.0) -> None:
    """Return when no more than so many are left, or the time is over: what has ended must have been reaped."""
    deadline = time.monotonic() + seconds
    while len(descendants(ancestor)) > at_most and time.monotonic() < deadline:
        time.sleep(0.001)


def cpu_seconds(pids: set[int]) -> float:
    """Of these processes and of the children that they have reaped."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            total += sum(int(field) for field in _stat(Path(f"/proc/{pid}"))[11:15])
    return total / _TICKS


def private_bytes(pids: set[int]) -> int:
    """Pages that one of these processes alone has; what it still shares with the one it was forked from is left out."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
            total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))
    return total


def _stat(entry: Path) -> list[str]:
    """The fields from the third on: the second may hold anything."""
    return (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(") ")[2].split()


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
