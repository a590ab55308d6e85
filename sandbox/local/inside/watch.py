"""What a run uses right now, read from /proc and from its file systems, and which of its limits it has met."""

import resource
from typing import Any, NamedTuple

from .memory import Memory, living_task, status_of
from .processes import cpu_seconds, open_descriptors
from .walls import Stored, Walls

_MEGABYTE = 1 << 20


class Ending(NamedTuple):
    """Why a run was ended: a limit, or "cancelled"; one sentence; the limit's figure and what was used of it."""

    name: str
    sentence: str
    allowed: float = 0.0
    used: float = 0.0


class Usage:
    """Sums over the process tree. CPU time and peaks only ever grow."""

    def __init__(self, limits: dict[str, Any], walls: Walls) -> None:
        self.cpu_s = 0.0
        self._own_s: dict[str, float] = {}
        self._limits, self._walls = limits, walls
        self._memory = Memory(limits["memory_mb"] * _MEGABYTE)
        self._most = {"processes": 0, "descriptors": 0, "disk": 0, "inodes": 0}

    @property
    def peak_bytes(self) -> int:
        return self._memory.peak

    def sample(self) -> None:
        """Read the tree, and what its files take."""
        pids = self._walls.pids()
        self._sample_cpu(pids)
        alive = [task for pid in pids if (task := living_task(pid)) is not None]
        statuses = {task: status for task in alive if (status := status_of(task)) is not None}
        self._note(processes=sum(status["Threads"] for status in statuses.values()))
        self._note(descriptors=max((len(open_descriptors(task)) for task in alive), default=0))
        self._memory.sample(statuses, self._look_at_files(), self._walls.socket_bytes())

    def over(self) -> Ending | None:
        """The first limit that is exceeded: the kernel enforces some of them itself, and those are only ever met."""
        limits, most = self._limits, self._most
        if self._memory.used > limits["memory_mb"] * _MEGABYTE:
            return _over("memory", self._memory.used // _MEGABYTE, limits["memory_mb"], " MB", " of memory")
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
        self._memory.finish(reaped.ru_maxrss * 1024)

    def _sample_cpu(self, pids: list[str]) -> None:
        """What nobody waits for is in nobody's sum: each process's own time is remembered when it has gone."""
        waited_for = sum(cpu_seconds(pid) for pid in pids) + self._walls.orphans_cpu_s()
        self._own_s.update({pid: cpu_seconds(pid, children=False) for pid in pids})
        self.cpu_s = max(self.cpu_s, waited_for, sum(self._own_s.values()))

    def _note(self, **used: int) -> None:
        self._most.update({name: max(self._most[name], figure) for name, figure in used.items()})

    def _look_at_files(self) -> Stored:
        stored = self._walls.stored()
        self._note(disk=stored.disk, inodes=stored.inodes)
        return stored


def _over(name: str, used: float, allowed: float, unit: str, what: str = "") -> Ending:
    return Ending(name, f"It used {used:g}{unit}{what}; its limit is {allowed:g}{unit}.", allowed, used)
