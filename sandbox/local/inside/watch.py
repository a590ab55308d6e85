"""What a run uses right now, read from the /proc of its own pid namespace and from its tmpfs mounts."""

import os
import resource

_TICKS = os.sysconf("SC_CLK_TCK")
_TMPFS = ("/tmp", "/dev/shm")


class Usage:
    """Sums over the process tree. Peaks and CPU time only ever grow."""

    def __init__(self) -> None:
        self.tasks = 0
        self.memory_bytes = 0
        self.peak_bytes = 0
        self.cpu_s = 0.0

    def sample(self, *, memory_limit: int) -> None:
        """Read the tree. The exact share of pages common to several processes is looked up only near the limit."""
        pids = [name for name in os.listdir("/proc") if name.isdecimal() and name != "1"]
        statuses = {pid: status for pid in pids if (status := _status(pid)) is not None}
        self.tasks = sum(status["Threads"] for status in statuses.values())
        private = sum(status["RssAnon"] for status in statuses.values())
        shared = sum(status["RssShmem"] for status in statuses.values())
        if private + max(shared, _tmpfs_bytes()) > memory_limit:
            shares = [_proportional_share(pid) for pid in statuses]
            private, shared = sum(anon for anon, _ in shares), sum(shmem for _, shmem in shares)
        self.memory_bytes = private + max(shared, _tmpfs_bytes())
        self.peak_bytes = max(self.peak_bytes, self.memory_bytes)
        self.cpu_s = max(self.cpu_s, sum(_cpu_seconds(pid) for pid in pids))

    def finish(self, reaped: resource.struct_rusage) -> None:
        self.cpu_s = max(self.cpu_s, reaped.ru_utime + reaped.ru_stime)


def _status(pid: str) -> dict[str, int] | None:
    """Kilobyte fields as bytes. A process that has just ended, or is a zombie, has none."""
    wanted = {"Threads": 1, "RssAnon": 1024, "RssShmem": 1024}
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
