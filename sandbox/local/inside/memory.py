"""How much memory a process tree holds: private, shared, in files that live in memory, and in page tables."""

import os
import time

from .walls import Stored

_EXACT_S = 0.25
_LOOK_S = 0.1
_GROWTH = 16 << 20
_FIELDS = {"RssAnon", "RssShmem", "RssFile", "VmPTE", "VmSwap", "VmSize", "VmRSS", "Threads"}
_NAMELESS = ("/dev/zero (deleted)", "/memfd:")


class Memory:
    """Of one run. The peak only ever grows."""

    def __init__(self, limit_bytes: int) -> None:
        own = status_of("self")
        self.used = self.peak = 0
        self._limit = limit_bytes
        self._next_exact = 0.0
        self._files = own["RssFile"] if own else 0  # what the program has mapped from its first moment on
        self._shares: dict[str, tuple[int, int]] = {}
        self._read_at: dict[str, int] = {}
        self._extents: dict[str, dict[str, int]] = {}

    def sample(self, statuses: dict[str, dict[str, int]], stored: Stored) -> None:
        """Pages common to several processes count once, which takes longer to find out: only where it matters."""
        self._files = max([self._files, *(status["RssFile"] for status in statuses.values())])
        kernel = sum(status["VmPTE"] + status["VmSwap"] for status in statuses.values())
        private = sum(status["RssAnon"] for status in statuses.values())
        shared = sum(status["RssShmem"] for status in statuses.values())
        held = stored.memory + self._nameless(statuses)
        used = kernel + private + max(shared, held)
        if used > self._limit or (len(statuses) > 1 and time.monotonic() >= self._next_exact):
            private, shared = self._share(statuses)
            used = kernel + private + max(shared, held)
            self._next_exact = time.monotonic() + _EXACT_S
        elif len(statuses) > 1:
            return
        self.used = used
        self.peak = max(self.peak, used)

    def finish(self, most_resident: int) -> None:
        """The kernel's own peak, of a program that ended between two samples; files that it mapped do not count."""
        self.peak = max(self.peak, most_resident - self._files)

    def _share(self, statuses: dict[str, dict[str, int]]) -> tuple[int, int]:
        """(private, shared) bytes. A program can make this take seconds: then each look continues where the last one
        stopped, and what has not been reached yet counts whole."""
        stop = time.monotonic() + _LOOK_S
        new = [pid for pid in statuses if pid not in self._shares]
        for pid in new + [pid for pid in self._shares if pid in statuses]:  # then those not looked at for longest
            self._shares.pop(pid, None)
            self._shares[pid] = _proportional_share(pid, statuses[pid])
            if time.monotonic() > stop:
                break
        whole = [self._shares.get(pid, (status["RssAnon"], status["RssShmem"])) for pid, status in statuses.items()]
        return sum(share[0] for share in whole), sum(share[1] for share in whole)

    def _nameless(self, statuses: dict[str, dict[str, int]]) -> int:
        """Bytes of files in memory that have no name: pages that were written stay there when they are unmapped.

        What is mapped is counted whole, and looked at again where a process has grown.
        """
        stop = time.monotonic() + _LOOK_S
        for pid, status in statuses.items():
            if abs(status["VmSize"] - self._read_at.get(pid, 0)) > _GROWTH and time.monotonic() < stop:
                self._read_at[pid] = status["VmSize"]
                self._extents[pid] = {**_mapped(pid), **_open(pid)}
        alive: dict[str, int] = {}
        for pid in statuses:
            for inode, size in self._extents.get(pid, {}).items():
                alive[inode] = max(alive.get(inode, 0), size)
        return sum(alive.values())


def status_of(pid: str) -> dict[str, int] | None:
    """The fields that are counted, in bytes. A process that has just ended, or is a zombie, has none."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            pairs = (line.split(":", 1) for line in file)
            found = {key: int(text.split()[0]) * 1024 for key, text in pairs if key in _FIELDS}
    except (OSError, ValueError):
        return None
    found["Threads"] = found.get("Threads", 0) // 1024
    if "RssAnon" not in found:  # gVisor tells a sum, in which what is shared and what lies in files is counted too
        found["RssShmem"] = found.get("VmRSS", 0)
    return {key: found.get(key, 0) for key in _FIELDS}


def _proportional_share(pid: str, status: dict[str, int]) -> tuple[int, int]:
    """(anonymous, shared) bytes, where a page mapped by n processes counts as 1/n of a page.

    gVisor cannot tell, and the others have ended where that file is missing.
    """
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="utf-8") as file:  # noqa: PTH123
            pairs = dict(line.split(":", 1) for line in file if line.startswith("Pss_"))
    except FileNotFoundError:
        alive = os.path.exists(f"/proc/{pid}")  # noqa: PTH110
        return (status["RssAnon"], status["RssShmem"]) if alive else (0, 0)
    except OSError:
        return 0, 0
    return tuple(int(pairs[key].split()[0]) * 1024 if key in pairs else 0 for key in ("Pss_Anon", "Pss_Shmem"))


def _mapped(pid: str) -> dict[str, int]:
    """Inode -> bytes of the shared mappings without a file's name."""
    found: dict[str, int] = {}
    try:
        with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            for line in file:
                addresses, mode, _, _, inode, *name = line.split(None, 5)
                if mode.endswith("s") and name and name[0].startswith(_NAMELESS):
                    start, end = (int(address, 16) for address in addresses.split("-"))
                    found[inode] = found.get(inode, 0) + end - start
    except OSError:
        pass
    return found


def _open(pid: str) -> dict[str, int]:
    """Inode -> bytes of files in memory that are open, where a program can make any."""
    found: dict[str, int] = {}
    try:
        for name in os.listdir(f"/proc/{pid}/fd"):  # noqa: PTH208
            path = f"/proc/{pid}/fd/{name}"
            if os.readlink(path).startswith(_NAMELESS):  # noqa: PTH115
                status = os.stat(path)  # noqa: PTH116
                found[str(status.st_ino)] = status.st_blocks * 512
    except OSError:
        pass
    return found
