"""What a run uses right now, read from /proc and from its file systems, and which of its limits it has met."""

import os
import resource
import time
from typing import Any, NamedTuple

from .walls import Stored, Walls

_TICKS = os.sysconf("SC_CLK_TCK")
_MEGABYTE = 1 << 20
_EXACT_S = 0.25


class Ending(NamedTuple):
    """Why a run was ended: a limit, or "cancelled"; one sentence; the limit's figure and what was used of it."""

    name: str
    sentence: str
    allowed: float = 0.0
    used: float = 0.0


class Usage:
    """Sums over the process tree. Peaks and CPU time only ever grow."""

    def __init__(self, limits: dict[str, Any], walls: Walls) -> None:
        self.cpu_s = 0.0
        self.peak_bytes = 0
        self._limits, self._walls = limits, walls
        self._memory = self._file_bytes = 0
        self._most = {"processes": 0, "descriptors": 0, "disk": 0, "inodes": 0}
        self._next_exact = 0.0

    def sample(self) -> None:
        """Read the tree, and what its files take."""
        pids = self._walls.pids()
        statuses = [status for pid in pids if (status := _status(pid)) is not None]
        self.cpu_s = max(self.cpu_s, sum(_cpu_seconds(pid) for pid in pids))
        self._note(processes=sum(status["Threads"] for status in statuses))
        self._note(descriptors=max((_descriptors(pid) for pid in pids), default=0))
        self._sample_memory(pids, statuses, self._look_at_files())

    def over(self) -> Ending | None:
        """The first limit that is exceeded: the kernel enforces some of them itself, and those are only ever met."""
        limits, most = self._limits, self._most
        if self._memory > limits["memory_mb"] * _MEGABYTE:
            return _over("memory", self._memory // _MEGABYTE, limits["memory_mb"], " MB", " of memory")
        if self.cpu_s > limits["cpu_s"]:
            return _over("cpu", round(self.cpu_s, 1), limits["cpu_s"], " CPU seconds")
        if most["processes"] > limits["processes"]:
            return _over("processes", most["processes"], limits["processes"], "", " processes and threads at once")
        if most["disk"] > limits["disk_mb"] * _MEGABYTE:
            return _over("disk", -(-most["disk"] // _MEGABYTE), limits["disk_mb"], " MB", " of disk")
        if most["inodes"] > limits["inodes"]:
            return _over("inodes", most["inodes"], limits["inodes"], "", " files and folders")
        return None

    def met(self) -> dict[str, float]:
        """Limits that were reached to the last unit, so that the kernel refuses more, with what was used."""
        limits = self._limits
        ceilings = {
            "processes": limits["processes"],
            "descriptors": limits["open_files"],
            "disk": limits["disk_mb"] * _MEGABYTE,
            "inodes": limits["inodes"],
        }
        return {name: self._most[name] for name, ceiling in ceilings.items() if self._most[name] >= ceiling}

    def finish(self, reaped: resource.struct_rusage) -> None:
        """Add what the kernel kept of a program that ended between two samples."""
        self._look_at_files()
        self.cpu_s = max(self.cpu_s, reaped.ru_utime + reaped.ru_stime)
        self.peak_bytes = max(self.peak_bytes, reaped.ru_maxrss * 1024 - self._file_bytes)

    def _note(self, **used: int) -> None:
        self._most.update({name: max(self._most[name], figure) for name, figure in used.items()})

    def _look_at_files(self) -> Stored:
        stored = self._walls.stored()
        self._note(disk=stored.disk, inodes=stored.inodes)
        return stored

    def _sample_memory(self, pids: list[str], statuses: list[dict[str, int]], stored: Stored) -> None:
        """Pages common to several processes count once, which takes longer: only where it matters."""
        self._file_bytes = max([self._file_bytes, *(status["RssFile"] for status in statuses)])
        used = _together([(status["RssAnon"], status["RssShmem"]) for status in statuses], stored)
        if used > self._limits["memory_mb"] * _MEGABYTE or (len(pids) > 1 and time.monotonic() >= self._next_exact):
            used = _together([_proportional_share(pid) for pid in pids], stored)
            self._next_exact = time.monotonic() + _EXACT_S
        elif len(pids) > 1:
            return
        self._memory = used
        self.peak_bytes = max(self.peak_bytes, used)


def _over(name: str, used: float, allowed: float, unit: str, what: str = "") -> Ending:
    return Ending(name, f"It used {used:g}{unit}{what}; its limit is {allowed:g}{unit}.", allowed, used)


def _together(shares: list[tuple[int, int]], stored: Stored) -> int:
    """Private memory, and what is shared or lies in tmpfs; the two overlap where a file in tmpfs is mapped."""
    return sum(private for private, _ in shares) + max(sum(shared for _, shared in shares), stored.memory)


def _status(pid: str) -> dict[str, int] | None:
    """Kilobyte fields as bytes. A process that has just ended, or is a zombie, has none."""
    wanted = {"Threads": 1, "RssAnon": 1024, "RssShmem": 1024, "RssFile": 1024}
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            pairs = (line.split(":", 1) for line in file)
            found = {key: int(text.split()[0]) * wanted[key] for key, text in pairs if key in wanted}
    except (OSError, ValueError):
        return None
    return {key: found.get(key, 0) for key in wanted}


def _descriptors(pid: str) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208
    except OSError:
        return 0


def _proportional_share(pid: str) -> tuple[int, int]:
    """(anonymous, shared) bytes, where a page mapped by n processes counts as 1/n of a page."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="utf-8") as file:  # noqa: PTH123
            pairs = dict(line.split(":", 1) for line in file if line.startswith("Pss_"))
    except OSError:
        return 0, 0
    return tuple(int(pairs[key].split()[0]) * 1024 if key in pairs else 0 for key in ("Pss_Anon", "Pss_Shmem"))


def _cpu_seconds(pid: str) -> float:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123
            fields = file.read().rpartition(b") ")[2].split()
    except OSError:
        return 0.0
    return sum(int(field) for field in fields[11:15]) / _TICKS
