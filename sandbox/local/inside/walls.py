"""Where one run takes place: raised by its supervisor before anything untrusted exists, taken down when it has ended.

OwnNamespaces is tier A. Shared is every other tier: the run's processes live beside their supervisor, in a jail or a
container that holds nothing else, or in tier C on the machine itself.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from . import gpu, linux

_END_S = 2.0
_POLL_S = 0.002


class Stored(NamedTuple):
    """What the run's files take. Disk and inodes are those of the fullest of its file systems, memory is their sum."""

    disk: int
    inodes: int
    memory: int


class Walls:
    """What every place has: a working folder, a home, and the processes in it."""

    protected: tuple[int, ...] = ()
    """What the program may not signal beyond what the kernel refuses it anyway; a group is a negative number."""

    def __init__(self, *, jailed: bool) -> None:
        self.jailed = jailed

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

    def stored(self) -> Stored:
        return _held((self.base, "/dev/shm"))

    def end(self) -> None:
        """Returns when every process of the run is gone. Raises RuntimeError where one is left."""
        raise NotImplementedError

    def clear(self) -> None:
        """Take away what the run has left, where a later run could find it."""

    def _make_folders(self) -> None:
        for folder in (self.home, self.work):
            os.mkdir(folder, 0o700)  # noqa: PTH102


class OwnNamespaces(Walls):
    """User, pid, mount, network, IPC and UTS namespaces, and a /tmp and /dev/shm, that end with the run."""

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
        return [name for name in os.listdir("/proc") if name.isdecimal() and name != "1"]  # noqa: PTH208

    def orphans_cpu_s(self) -> float:
        """Process 1 inherits and waits for them."""
        return linux.cpu_seconds("1", own=False)

    def tasks_beside(self) -> int:
        return 3

    def end(self) -> None:
        os.kill(self._first, signal.SIGKILL)
        os.waitpid(self._first, 0)  # returns when every process of the namespace is gone

    def _make_folders(self) -> None:
        limits, flags = self._limits, linux.MS_NOSUID | linux.MS_NODEV
        size = f"size={limits['disk_mb']}m,nr_inodes={limits['inodes']},mode=0700"
        below = {path: linux.copy_mount(path) for path in {sys.prefix, sys.base_prefix} if path.startswith("/tmp/")}
        linux.mount("tmpfs", "/tmp", flags=flags, options=size)
        linux.mount("tmpfs", "/dev/shm", flags=flags, options=size)
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
        return sum(_threads(name) for name in os.listdir("/proc") if name.isdecimal())  # noqa: PTH208

    def stored(self) -> Stored:
        return super().stored() if self.jailed else _measured(self.base)

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
        if self.jailed:
            empty("/dev/shm")
        else:
            os.rmdir(self.base)  # noqa: PTH106

    def _make_folders(self) -> None:
        if self.jailed:
            self.clear()  # of what the frameworks' imports have left
        else:
            os.mkdir(self.base, 0o700)  # noqa: PTH102
        super()._make_folders()


def descendants(ancestor: int) -> Iterator[int]:
    """Living processes below this one, zombies that somebody else has to reap included."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208
        if name.isdecimal() and (parent := _parent(name)) is not None:
            children.setdefault(parent, []).append(int(name))
    unseen = [ancestor]
    while unseen:
        found = children.get(unseen.pop(), [])
        yield from found
        unseen += found


def _parent(pid: str) -> int | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123
            return int(file.read().rpartition(b") ")[2].split()[1])
    except OSError:
        return None


def _threads(pid: str) -> int:
    """Of a process of this process's uid."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            fields = dict(line.split(":", 1) for line in file if line.startswith(("Uid:", "Threads:")))
    except OSError:
        return 0
    return int(fields["Threads"]) if int(fields["Uid"].split()[0]) == os.getuid() else 0


def _held(mounts: tuple[str, ...]) -> Stored:
    counts = [os.statvfs(path) for path in mounts]
    held = [(count.f_blocks - count.f_bfree) * count.f_frsize for count in counts]
    return Stored(disk=max(held), inodes=max(count.f_files - count.f_ffree for count in counts), memory=sum(held))


def _measured(folder: str) -> Stored:
    """What lies below a folder of a file system that others use too, which is not one in memory."""
    held = inodes = 0
    for parent, folders, names in os.walk(folder):
        for name in (*folders, *names):
            with contextlib.suppress(OSError):
                held += os.lstat(f"{parent}/{name}").st_blocks * 512
                inodes += 1
    return Stored(disk=held, inodes=inodes, memory=0)


def reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def empty(folder: str) -> None:
    """Remove everything below a folder, however deep and whatever its modes. Raises OSError where that fails."""
    root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fchmod(root, 0o700)
        while names := os.listdir(root):  # noqa: PTH208
            for name in names:
                _take_apart(root, name)
    finally:
        os.close(root)


def _take_apart(root: int, name: str) -> None:
    """Remove a file, or a folder whose own folders move up beside it first: a tree may be deeper than any stack."""
    try:
        return os.unlink(name, dir_fd=root)
    except IsADirectoryError:
        os.chmod(name, 0o700, dir_fd=root)
    inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=root)
    try:
        for below in os.listdir(inner):  # noqa: PTH208
            try:
                os.unlink(below, dir_fd=inner)
            except IsADirectoryError:
                os.chmod(below, 0o700, dir_fd=inner)
                os.rename(below, os.urandom(16).hex(), src_dir_fd=inner, dst_dir_fd=root)
    finally:
        os.close(inner)
    os.rmdir(name, dir_fd=root)
    return None
