"""How many cores and how much memory the runs of this process may use together, control groups included."""

import os
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, Field

_GROUPS, _OWN = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
_LEFT_TO_THE_HOST = 0.1
_MEGABYTE = 1 << 20


class Capacity(BaseModel):
    """What runs at the same time share."""

    cores: int = Field(gt=0)
    memory_mb: int = Field(gt=0)


def measure_capacity() -> Capacity:
    """The machine's, or less where a control group of this process allows less; a tenth of memory is for the host."""
    groups = list(_groups())
    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    cores = min([float(own), *(quota for group in groups if (quota := _cores(group)))])
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    memory = min([total, *(limit for group in groups if (limit := _memory(group)))])
    return Capacity(cores=max(1, round(cores)), memory_mb=max(1, int(memory * (1 - _LEFT_TO_THE_HOST)) // _MEGABYTE))


def _groups() -> Iterator[Path]:
    """Folders of the control groups that this process is in and of all above them, of version 2 and of version 1.

    A container often shows its own group as the root of the tree: a path that is not there is skipped.
    """
    try:
        lines = _OWN.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            folder = _GROUPS / controller / path.lstrip("/")
            yield from (each for each in (folder, *folder.parents) if each.is_relative_to(_GROUPS / controller))


def _memory(group: Path) -> int | None:
    texts = [_read(group / name) for name in ("memory.max", "memory.limit_in_bytes")]
    return min((int(text) for text in texts if text.isdecimal()), default=None)


def _cores(group: Path) -> float | None:
    """Version 2 has "QUOTA PERIOD", or "max PERIOD"; version 1 has two files, and -1 for no quota."""
    quota, _, period = _read(group / "cpu.max").partition(" ")
    if not quota:
        quota, period = _read(group / "cpu.cfs_quota_us"), _read(group / "cpu.cfs_period_us")
    return int(quota) / int(period) if quota.isdecimal() and period.isdecimal() else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
