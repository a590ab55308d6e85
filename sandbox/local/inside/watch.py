"""What a run uses right now, read from the /proc of its own pid namespace and from its tmpfs mounts."""

import os
import resource
import time

_TICKS = os.sysconf("SC_CLK_TCK")
_TMPFS = ("/tmp", "/dev/shm")
_EXACT_S = 0.25


class Usage:
    """Sums over the process tree. Peak and CPU time only ever grow."""

    def __init__(self) -> None:
        self.tasks = 0
        self.memory_bytes = 0
        self.peak_bytes = 0
        self.cpu_s = 0.0
        self._next_exact = 0.0
        self._file_bytes = 0

    def sample(self, *, memory_limit: int) -> None:
        """Read the tree. Pages common to several processes count once, which takes longer: only where it matters."""
        pids = [name for name in os.listdir("/proc") if name.isdecimal() and name != "1"]  # noqa: PTH208
        statuses = [status for pid in pids if (status := _status(pid)) is not None]
        self.tasks = sum(status["Threads"] for status in statuses)
        self._file_bytes = max([self._file_bytes, *(status["RssFile"] for status in statuses)])
        self.cpu_s = max(self.cpu_s, sum(_cpu_seconds(pid) for pid in pids))
        used = _together([(status["RssAnon"], status["RssShmem"]) for status in statuses])
        if used > memory_limit or (len(statuses) > 1 and time.monotonic() >= self._next_exact):
            used = _together([_proportional_share(pid) for pid in pids])
            self._next_exact = time.monotonic() + _EXACT_S
        elif len(statuses) > 1:
            return
        self.memory_bytes = used
        self.peak_bytes = max(self.peak_bytes, used)

    def finish(self, reaped: resource.struct_rusage) -> None:
        """Add what the kernel kept of a program that ended between two samples."""
        self.cpu_s = max(self.cpu_s, reaped.ru_utime + reaped.ru_stime)
        self.peak_bytes = max(self.peak_bytes, reaped.ru_maxrss * 1024 - self._file_bytes)


def _together(shares: list[tuple[int, int]]) -> int:
    """Private memory, and what is shared or lies in tmpfs; the two overlap where a file in tmpfs is mapped."""
    return sum(private for private, _ in shares) + max(sum(shared for _, shared in shares), _tmpfs_bytes())


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


def _tmpfs_bytes() -> int:
    counts = [os.statvfs(path) for path in _TMPFS]
    return sum((count.f_blocks - count.f_bfree) * count.f_frsize for count in counts)
