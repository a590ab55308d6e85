"""Tier A: walls that the kernel takes down by itself, with everything behind them, when the run has ended."""

import os
import signal
import sys

from . import gpu, linux
from .processes import cpu_seconds, numbers
from .walls import Walls


class OwnNamespaces(Walls):
    """User, pid, mount, network, IPC and UTS namespaces, and a /tmp and /dev/shm, that end with the run."""

    _network = "/proc/1/net"

    def prepare(self) -> None:
        linux.prctl(linux.PR_SET_DUMPABLE, 1)  # or the kernel would not let it write its own uid map
        linux.enter_namespaces()
        self._first = self._start_first_process()

    def guard(self, code: int) -> int:  # noqa: ARG002
        return self._first

    def enter(self) -> None:
        linux.mount("proc", "/proc", flags=linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
        gpu.keep_device_files(self.base)

    def pids(self) -> list[str]:
        return [name for name in numbers() if name != "1"]

    def orphans_cpu_s(self) -> float:
        """Process 1 inherits and waits for them."""
        return cpu_seconds("1", own=False)

    def tasks_beside(self) -> int:
        return 3

    def strike(self, code: int) -> None:
        super().strike(code)
        os.kill(self._first, signal.SIGKILL)  # all that it guards: one by one they would hold each other up

    def end(self) -> None:
        os.kill(self._first, signal.SIGKILL)
        while os.waitpid(-1, 0)[0] != self._first:  # which is reaped when every process of the namespace is gone
            pass

    def _make_folders(self) -> None:
        limits, flags = self._limits, linux.MS_NOSUID | linux.MS_NODEV
        rest = f"nr_inodes={limits['inodes']},mode=0700"
        below = {path: linux.copy_mount(path) for path in {sys.prefix, sys.base_prefix} if path.startswith("/tmp/")}
        linux.mount("tmpfs", "/tmp", flags=flags, options=f"size={limits['disk_mb']}m,{rest}")
        linux.mount("tmpfs", "/dev/shm", flags=flags, options=f"size={limits['memory_mb']}m,{rest}")
        for interpreter, mounts in below.items():
            os.makedirs(interpreter, exist_ok=True)  # noqa: PTH103
            linux.attach_mount(mounts, interpreter)
        gpu.assign(self.devices)
        super()._make_folders()

    def _start_first_process(self) -> int:
        """Process 1 of the namespace: waits for orphans, and ends with this process, whose pipe it reads."""
        reader, self._lifeline = os.pipe()
        bash, arguments = "/bin/bash", ["bash", "--norc", "--noprofile", "-c", "read -r _"]
        if not os.path.exists(bash):  # noqa: PTH110
            bash, arguments = "/usr/bin/cat", ["cat"]  # which reaps by ignoring, and orphans' CPU time is not known
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        streams = [
            (os.POSIX_SPAWN_DUP2, reader, 0),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ]
        first = os.posix_spawn(bash, arguments, {}, file_actions=streams)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.close(reader)
        return first
