"""How much memory a process tree holds: private, shared, in files that live in memory, and in page tables.

What no process has mapped and no file system shows cannot be counted, so programs cannot make it: the filter refuses
files in memory and shared mappings without a file, and there is no /dev/zero.
"""

import os
import time

from .processes import status_fields
from .walls import Stored

_EXACT_S = 0.25
_LOOK_S = 0.1
_PATIENCE_S = 3.0
_SAME_BYTES = 1 << 20
_FIELDS = {"RssAnon", "RssShmem", "RssFile", "VmPTE", "VmSwap", "VmSize", "VmRSS"}

Status = dict[str, int]
"""Bytes by field; "Threads" is a number, "parent" a process, "waits" 1 where the process is in the kernel's hands."""


class Memory:
    """Of one run. The peak only ever grows."""

    def __init__(self, limit_bytes: int) -> None:
        own = status_of("self")
        self.used = self.peak = 0
        self._limit = limit_bytes
        self._next_exact = 0.0
        self._files = own["RssFile"] if own else 0  # what the program has mapped from its first moment on
        self._shares: dict[str, tuple[int, int]] = {}
        self._complete = time.monotonic()

    def sample(self, statuses: dict[str, Status], stored: Stored, sockets: int) -> None:
        """Pages common to several processes count once, which takes longer to find out: only where it matters."""
        self._files = max([self._files, *(status["RssFile"] for status in statuses.values())])
        statuses = _without_vforks(statuses)
        kernel = sockets + sum(status["VmPTE"] + status["VmSwap"] for status in statuses.values())
        private = sum(status["RssAnon"] for status in statuses.values())
        shared = sum(status["RssShmem"] for status in statuses.values())
        used = kernel + private + max(shared, stored.memory)
        if used > self._limit or (len(statuses) > 1 and time.monotonic() >= self._next_exact):
            if not self._look_closer(statuses):
                return
            private, shared = self._shared_out(statuses)
            used = kernel + private + max(shared, stored.memory)
            self._next_exact = time.monotonic() + _EXACT_S
        elif len(statuses) > 1:
            return
        self.used = used
        self.peak = max(self.peak, used)

    def finish(self, most_resident: int) -> None:
        """The kernel's own peak, of a program that ended between two samples; files that it mapped do not count."""
        self.peak = max(self.peak, most_resident - self._files)

    def _look_closer(self, statuses: dict[str, Status]) -> bool:
        """Find each process's share. A program can make that take seconds: then each look continues where the last one
        stopped. False where some are not known yet, for a few seconds; afterwards those count whole."""
        stop = time.monotonic() + _LOOK_S
        new = [pid for pid in statuses if pid not in self._shares]
        for pid in new + [pid for pid in self._shares if pid in statuses]:  # then those not looked at for longest
            self._shares.pop(pid, None)
            self._shares[pid] = _proportional_share(pid, statuses[pid])
            if time.monotonic() > stop:
                break
        if statuses.keys() <= self._shares.keys():
            self._complete = time.monotonic()
            self._shares = {pid: share for pid, share in self._shares.items() if pid in statuses}
            return True
        return time.monotonic() > self._complete + _PATIENCE_S

    def _shared_out(self, statuses: dict[str, Status]) -> tuple[int, int]:
        """(private, shared) bytes of all."""
        whole = [self._shares.get(pid, (status["RssAnon"], status["RssShmem"])) for pid, status in statuses.items()]
        return sum(share[0] for share in whole), sum(share[1] for share in whole)


def living_task(pid: str) -> str | None:
    """The process itself, or where its first thread has ended another one: what it has is then seen there alone.

    None where it has just ended, or is a zombie.
    """
    fields = status_fields(pid)
    if fields is None or "VmSize" in fields:
        return pid if fields else None
    try:
        tasks = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208
    except OSError:
        return None
    return next((task for task in tasks if "VmSize" in (status_fields(task) or {})), None)


def status_of(task: str) -> Status | None:
    fields = status_fields(task)
    if fields is None or "VmSize" not in fields:
        return None
    found = {key: int(text.split()[0]) * 1024 for key, text in fields.items() if key in _FIELDS}
    if "RssAnon" not in found:  # gVisor tells a sum, in which what is shared and what lies in files is counted too
        found["RssShmem"] = found.get("VmRSS", 0)
    waits = fields["State"].split()[0] == "D"
    others = {"Threads": int(fields["Threads"]), "parent": int(fields["PPid"]), "waits": int(waits)}
    return {**{key: found.get(key, 0) for key in _FIELDS}, **others}


def _without_vforks(statuses: dict[str, Status]) -> dict[str, Status]:
    """Until it has started its program, a child of vfork has its parent's memory, and the parent waits for it."""
    return {pid: status for pid, status in statuses.items() if not _borrows(status, statuses)}


def _borrows(status: Status, statuses: dict[str, Status]) -> bool:
    parent = statuses.get(str(status["parent"]))
    if parent is None or not parent["waits"] or parent["VmSize"] != status["VmSize"]:
        return False
    return abs(parent["RssAnon"] - status["RssAnon"]) < _SAME_BYTES


def _proportional_share(pid: str, status: Status) -> tuple[int, int]:
    """(anonymous, shared) bytes, where a page mapped by n processes counts as 1/n of a page.

    Where that cannot be read, what it has counts whole: gVisor does not tell, and a program may have closed it.
    """
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="utf-8") as file:  # noqa: PTH123
            pairs = dict(line.split(":", 1) for line in file if line.startswith("Pss_"))
    except ProcessLookupError:
        return 0, 0
    except OSError:
        return (status["RssAnon"], status["RssShmem"]) if status_fields(pid) else (0, 0)
    return tuple(int(pairs[key].split()[0]) * 1024 if key in pairs else 0 for key in ("Pss_Anon", "Pss_Shmem"))
