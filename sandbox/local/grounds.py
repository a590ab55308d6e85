"""What a warm interpreter stands on: a jail, or the bare machine where the user has asked for that."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Literal, Protocol

from sandbox.errors import SandboxError
from sandbox.local.inside import landlock
from sandbox.local.place import Place, program_environment
from sandbox.local.view import INSIDE, PACKAGE, UID, jail_command, system_paths
from sandbox.runtime import Interpreter
from sandbox.schema import Tier


class Ground(Protocol):
    """Where the interpreter of one runtime is started, and its programs run."""

    tier: Tier
    serial: bool
    """True where its programs would meet each other, so that one runs at a time."""
    inside: str
    """The folder, as it is seen there, of the package that serves runs."""

    def command(
        self, interpreter: Interpreter, inside_command: list[str], *, keep: int
    ) -> tuple[list[str], dict[str, str], list[int]]:
        """What starts `inside_command` there, in which environment, and the descriptors to pass on, `keep` among them.

        The caller closes the others.
        """

    def place(self, interpreter: Interpreter) -> Place:
        """A place for one run."""

    def close(self) -> None:
        """Remove what the ground has made on the machine."""


class Jail:
    """Tiers A and B: bubblewrap's view, in which each run has namespaces of its own (A) or runs take turns (B)."""

    inside = INSIDE

    def __init__(self, tier: Literal["A", "B"]) -> None:
        self.tier: Tier = tier
        self.serial = tier == "B"

    def command(
        self, interpreter: Interpreter, inside_command: list[str], *, keep: int
    ) -> tuple[list[str], dict[str, str], list[int]]:
        scratch = self._base(interpreter)
        command, passed = jail_command(
            interpreter,
            inside_command,
            keep=[keep],
            environment=_zygote_environment(interpreter, scratch),
            scratch=scratch,
        )
        return command, {"PATH": os.environ.get("PATH", os.defpath)}, passed

    def place(self, interpreter: Interpreter) -> Place:
        return Place(tier=self.tier, base=self._base(interpreter))

    def _base(self, interpreter: Interpreter) -> str:
        """Programs that take turns in one folder have it emptied after each, so that no interpreter may lie in it."""
        below = any(prefix.startswith("/tmp/") for prefix in interpreter.prefixes)
        return "/run" if self.serial and below else "/tmp"

    def close(self) -> None:
        """A jail makes nothing on the machine."""


class BareMachine:
    """Tier C: no jail. Landlock, a system-call filter without the internet, and limits; accidents, not attackers.

    Raises SandboxError where not even that can be had.
    """

    tier: Tier = "C"
    serial = True  # the kernel counts processes by user, and shared memory has one place for all

    def __init__(self, scratch: Path | None) -> None:
        if not landlock.abi():
            raise SandboxError(
                "programs cannot be run here: this kernel has no Landlock, which tier C stands on; "
                "boot Linux 5.13 or later with lsm=landlock, or set GRADPROOF_SANDBOX=docker"
            )
        _remove_leftovers(Path(scratch or tempfile.gettempdir()))
        prefix = f"gradproof-{os.getpid()}-"
        self._folder = tempfile.TemporaryDirectory(prefix=prefix, dir=scratch, ignore_cleanup_errors=True)
        self._numbers: Iterator[int] = count()
        self._uid = UID if os.geteuid() == 0 else None
        Path(self._folder.name).chmod(0o711)
        inside = Path(self._folder.name, "inside")
        inside.mkdir(mode=0o755)
        (inside / "gradproof_inside").symlink_to(PACKAGE / "inside")
        (inside / "checks").symlink_to(PACKAGE.parent / "checks")
        self.inside = str(inside)

    def command(
        self, interpreter: Interpreter, inside_command: list[str], *, keep: int
    ) -> tuple[list[str], dict[str, str], list[int]]:
        if self._uid is not None:
            _require_readable(interpreter, self._uid)
        return inside_command, _zygote_environment(interpreter, self._folder.name), [keep]

    def place(self, interpreter: Interpreter) -> Place:
        own = [self.inside, str(PACKAGE / "inside"), str(PACKAGE.parent / "checks")]
        readable = [*system_paths(), *(os.path.realpath(prefix) for prefix in interpreter.prefixes), *own]
        base = f"{self._folder.name}/run-{next(self._numbers)}"
        return Place(tier="C", base=base, readable=tuple(readable), uid=self._uid)

    def close(self) -> None:
        self._folder.cleanup()


def _remove_leftovers(folder: Path) -> None:
    """Of hosts of this user that were killed."""
    for left in folder.glob("gradproof-*-*"):
        owner = left.name.split("-")[1]
        if owner.isdecimal() and not Path("/proc", owner).exists() and left.lstat().st_uid == os.geteuid():
            shutil.rmtree(left, ignore_errors=True)


def _zygote_environment(interpreter: Interpreter, base: str) -> dict[str, str]:
    """One BLAS thread and no GPU while importing: neither a thread pool nor a context survives the fork."""
    return {**program_environment(interpreter, base), "OPENBLAS_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}


def _require_readable(interpreter: Interpreter, uid: int) -> None:
    """Root's programs become another user, who has to be able to run the interpreter."""
    try:
        subprocess.run(
            [interpreter.executable, "-I", "-c", "import sys; open(sys.argv[1])", str(PACKAGE / "inside" / "linux.py")],
            user=uid,
            group=uid,
            extra_groups=[],
            timeout=30.0,
            check=True,
            env={},
            capture_output=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise SandboxError(
            f"without a jail a program started by root runs as uid {uid}, which cannot run {interpreter.executable} "
            f"or cannot read {PACKAGE}; start gradproof as an ordinary user, or install both where every user can read"
        ) from error
