"""Tier B, containers, and most of tier C: a run lives beside its supervisor, which cleans up behind it."""

import contextlib
import os
import signal
import time

from . import linux
from .leftovers import empty
from .processes import descendants, numbers, reap, status_fields
from .walls import Walls

_END_S = 2.0
_POLL_S = 0.002


class Shared(Walls):
    """No namespace of its own: orphans come back to the supervisor, which ends them, and then empties the folders.

    The program has the supervisor's uid (but in tier C as root, where it is given another). The supervisor cannot be
    traced or read by it, and the filter refuses to signal it.
    """

    def prepare(self) -> None:
        self._code, self._orphans_s = 0, 0.0
        linux.prctl(linux.PR_SET_DUMPABLE, 0)
        linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
        guards = {1, os.getpid(), os.getppid()} - {0}
        self.protected = (*sorted(guards), -1, *sorted({-os.getpgid(pid) for pid in guards} - {0, -1}))

    def guard(self, code: int) -> int:
        self._code = code
        return code

    def hand_over(self) -> None:
        if self._uid is not None:
            for folder, _, names in os.walk(self.base):
                for name in (".", *names):
                    os.chown(f"{folder}/{name}", self._uid, self._uid)

    def enter(self) -> None:
        if self._uid is not None:
            os.setgroups([])
            os.setresgid(self._uid, self._uid, self._uid)
            os.setresuid(self._uid, self._uid, self._uid)
        linux.prctl(linux.PR_SET_DUMPABLE, 1)  # its own /proc/self is its own again

    def pids(self) -> list[str]:
        return [str(pid) for pid in descendants(os.getpid())]

    def orphans_cpu_s(self) -> float:
        """They have become this process's children, which the program is too."""
        for pid in descendants(os.getpid()):
            if pid != self._code:
                with contextlib.suppress(ChildProcessError):
                    _, _, usage = os.wait4(pid, os.WNOHANG)
                    self._orphans_s += usage.ru_utime + usage.ru_stime
        return self._orphans_s

    def tasks_beside(self) -> int:
        return sum(_threads(name) for name in numbers())

    def end(self) -> None:
        """Orphans become this process's children, so nothing can leave its tree; what forks while it is killed is
        found by the next look."""
        deadline = time.monotonic() + _END_S
        while True:
            left = list(descendants(os.getpid()))
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            reap()
            if not left:
                return
            if time.monotonic() > deadline:
                raise RuntimeError(f"{len(left)} processes of the run could not be ended")
            time.sleep(_POLL_S)

    def clear(self) -> None:
        empty(self.base)
        empty("/dev/shm")

    def _make_folders(self) -> None:
        self.clear()  # of what the frameworks' imports have left
        super()._make_folders()


def _threads(pid: str) -> int:
    """Of a process of this process's uid."""
    fields = status_fields(pid)
    return int(fields["Threads"]) if fields and int(fields["Uid"].split()[0]) == os.getuid() else 0
