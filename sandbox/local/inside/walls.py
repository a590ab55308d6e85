"""What stands around one run: raised by its supervisor before anything untrusted exists, taken down when it has ended.

There are two kinds: inside/namespaces.py is tier A, inside/shared.py every other.
"""

import os
import signal
from typing import Any, NamedTuple

from . import linux

_SOCKET_BYTES = 2 * 212_992  # the kernel's default ceiling for one, which it doubles for its own use


class Stored(NamedTuple):
    """What the run's files take: those on its disk, and all of them together as memory."""

    disk: int
    inodes: int
    memory: int


class Walls:
    """What every place has: a working folder, a home, and the processes in it."""

    _network: str | None = "/proc/self/net"
    """Where the sockets of the run's network can be counted; None where it shares one with the machine."""
    jailed = True
    """Whether a jail or a container ends what is left when the run's supervisor ends, and keeps the internet out."""
    protected: tuple[int, ...] = ()
    """What the program may not signal beyond what the kernel refuses it anyway; a group is a negative number."""

    def prepare(self) -> None:
        """Everything that does not depend on the run, so that it can be done before there is one."""
        raise NotImplementedError

    def raise_up(self, request: dict[str, Any]) -> None:
        self.base: str = request["base"]
        self.work, self.home = f"{self.base}/work", f"{self.base}/home"
        self.readable: list[str] = request["readable"]
        self.devices: list[str] = request["devices"]
        self._uid: int | None = request["uid"]
        self._limits = request["limits"]
        self._make_folders()

    def guard(self, code: int) -> int:
        """The process whose end ends the run, given the program's own: who holds it can end the run from outside."""
        raise NotImplementedError

    def hand_over(self) -> None:
        """The program's files are there: they become its own."""

    def enter(self) -> None:
        """In the program's process, before it gives up what it needs for this."""

    def pids(self) -> list[str]:
        """The run's processes, without those that guard it."""
        raise NotImplementedError

    def orphans_cpu_s(self) -> float:
        """CPU seconds of processes that have ended and that nobody of the run has waited for."""
        raise NotImplementedError

    def tasks_beside(self) -> int:
        """Processes and threads that the kernel counts towards the same limit."""
        raise NotImplementedError

    def socket_bytes(self) -> int:
        """What the buffers of the sockets here may hold, beyond a few: also of those that are only on their way."""
        return linux.unix_sockets(self._network) * _SOCKET_BYTES if self._network else 0

    def stored(self) -> Stored:
        return _held((self.base, "/dev/shm"))

    def strike(self, code: int) -> None:
        """Kill the program's first process, and what can be killed along with it, without waiting.

        It keeps its number until it is waited for.
        """
        os.kill(code, signal.SIGKILL)

    def end(self) -> None:
        """Returns when every process of the run is gone. Raises RuntimeError where one is left."""
        raise NotImplementedError

    def clear(self) -> None:
        """Take away what the run has left, where a later run could find it."""

    def _make_folders(self) -> None:
        for folder in (self.home, self.work):
            os.mkdir(folder, 0o700)  # noqa: PTH102


def _held(mounts: tuple[str, ...]) -> Stored:
    counts = [os.statvfs(path) for path in mounts]
    held = [(count.f_blocks - count.f_bfree) * count.f_frsize for count in counts]
    return Stored(disk=held[0], inodes=max(count.f_files - count.f_ffree for count in counts), memory=sum(held))
