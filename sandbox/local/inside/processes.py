"""What /proc tells of processes, inside of a jail and on the machine. A process that has gone has nothing to tell."""

import os
import threading
from collections.abc import Iterator

_TICKS = os.sysconf("SC_CLK_TCK")
_PARENT, _OWN, _CHILDREN = 1, slice(11, 13), slice(13, 15)


def numbers() -> list[str]:
    """Of every process there is to see."""
    return [name for name in os.listdir("/proc") if name.isdecimal()]  # noqa: PTH208


def status_fields(pid: str) -> dict[str, str] | None:
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            return {key: text.strip() for key, _, text in (line.partition(":") for line in file)}
    except OSError:
        return None


def cpu_seconds(pid: str, *, own: bool = True, children: bool = True) -> float:
    """A process's own CPU time, and that of the children that it has waited for."""
    fields = _stat_fields(pid) or []
    chosen = (fields[_OWN] if own else []) + (fields[_CHILDREN] if children else [])
    return sum(int(field) for field in chosen) / _TICKS


def descendants(ancestor: int) -> Iterator[int]:
    """Processes below this one, zombies that somebody has to reap included."""
    children: dict[int, list[int]] = {}
    for name in numbers():
        if (fields := _stat_fields(name)) is not None:
            children.setdefault(int(fields[_PARENT]), []).append(int(name))
    unseen = [ancestor]
    while unseen:
        found = children.get(unseen.pop(), [])
        yield from found
        unseen += found


def open_descriptors(pid: str) -> list[str]:
    """Paths below /proc of what it has open, where that can be seen."""
    try:
        return [f"/proc/{pid}/fd/{number}" for number in os.listdir(f"/proc/{pid}/fd")]  # noqa: PTH208
    except OSError:
        return []


def reap() -> None:
    """Wait for every child that has ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def end_of_child(pid: int) -> int:
    """A descriptor that can be read once a child has ended, which leaves its status to be waited for."""
    try:
        return os.pidfd_open(pid)
    except OSError:  # gVisor knows none
        reader, writer = os.pipe()
        threading.Thread(target=_close_at_end, args=(pid, writer), daemon=True).start()
        return reader


def _close_at_end(pid: int, writer: int) -> None:
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    os.close(writer)


def _stat_fields(pid: str) -> list[bytes] | None:
    """Those behind the name, which may hold anything: state, parent, …"""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123
            return file.read().rpartition(b") ")[2].split()
    except OSError:
        return None
