"""Tier C: the run's processes live on the machine itself, in a folder of their own."""

import contextlib
import os
import stat
from collections.abc import Iterator

from . import linux
from .leftovers import empty, remove
from .processes import numbers, open_descriptors
from .shared import Shared
from .walls import Stored, Walls

_SHARED_MEMORY = "/dev/shm"


class Bare(Shared):
    """Shared memory has no place of the run's own here: what is new in it and belongs to the run's user is counted, and
    removed afterwards where nobody has it open. Another program of that user may be wronged by the count."""

    jailed = False
    _network = None

    def stored(self) -> Stored:
        files, shared = _measured(self.base), sum(self._new_shared_files().values())
        unlinked = sum(_unlinked(self.pids()).values())
        return Stored(disk=max(files.disk + unlinked, shared), inodes=files.inodes, memory=shared)

    def clear(self) -> None:
        empty(self.base)
        os.rmdir(self.base)  # noqa: PTH106
        if new := self._new_shared_files():
            in_use = _in_use()
            for path in new:
                if not any(other == path or other.startswith(f"{path}/") for other in in_use):
                    with contextlib.suppress(OSError):
                        remove(_SHARED_MEMORY, os.path.basename(path))  # noqa: PTH119

    def _make_folders(self) -> None:
        os.mkdir(self.base, 0o700)  # noqa: PTH102
        self._before = set(os.listdir(_SHARED_MEMORY))  # noqa: PTH208
        Walls._make_folders(self)

    def _new_shared_files(self) -> dict[str, int]:
        """Path -> bytes."""
        owner = os.getuid() if self._uid is None else self._uid
        found = {}
        for name in set(os.listdir(_SHARED_MEMORY)) - self._before:  # noqa: PTH208
            with contextlib.suppress(OSError):
                path = f"{_SHARED_MEMORY}/{name}"
                status = os.lstat(path)
                if status.st_uid == owner:
                    found[path] = _measured(path).disk if stat.S_ISDIR(status.st_mode) else status.st_blocks * 512
        return found


def _unlinked(pids: list[str]) -> dict[tuple[int, int], int]:
    """Bytes of files that processes have open and that have no name any more, by device and inode."""
    found = {}
    for path in (path for pid in pids for path in open_descriptors(pid)):
        with contextlib.suppress(OSError):
            if os.readlink(path).endswith(" (deleted)"):  # noqa: PTH115
                status = os.stat(path)  # noqa: PTH116
                found[status.st_dev, status.st_ino] = status.st_blocks * 512
    return found


def _in_use() -> set[str]:
    """Files in shared memory that some process has mapped or open, as far as this user may see."""
    found: set[str] = set()
    for pid in numbers():
        with contextlib.suppress(OSError), open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            found.update(line.split(None, 5)[-1].strip() for line in file if _SHARED_MEMORY in line)
        for path in open_descriptors(pid):
            with contextlib.suppress(OSError):
                found.add(os.readlink(path))  # noqa: PTH115
    return found


def _measured(folder: str) -> Stored:
    """What lies below a folder of a file system that others use too, which is not one in memory.

    A folder that the program has closed to its own user counts again when it is opened: nothing can be written there.
    """
    held, inodes, waiting = 0, 0, ["."]
    with contextlib.suppress(OSError), _opened(folder) as root:
        while waiting:
            path = waiting.pop()
            with contextlib.suppress(OSError):
                for name, status in _entries(root, path):
                    held += status.st_blocks * 512
                    inodes += 1
                    if stat.S_ISDIR(status.st_mode):
                        waiting.append(f"{path}/{name}")
    return Stored(disk=held, inodes=inodes, memory=0)


@contextlib.contextmanager
def _opened(folder: str) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _entries(root: int, path: str) -> list[tuple[str, os.stat_result]]:
    folder = linux.open_folder_beneath(root, path)
    try:
        names = os.listdir(folder)  # noqa: PTH208
        return [(name, os.lstat(name, dir_fd=folder)) for name in names]
    finally:
        os.close(folder)
