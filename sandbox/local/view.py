"""What the inside of the jail can see, as bubblewrap arguments: an allow list, all of it read-only.

Started by root, bubblewrap keeps every capability inside, so it is used twice: the outer one builds the view (the
interpreter may live in a folder that only root can enter), `setpriv` becomes an ordinary uid, the inner one is the
jail.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.local.gpu.devices import device_nodes
from sandbox.local.gpu.files import gpu_files, hidden_files
from sandbox.runtime import Interpreter

UID = 61000
INSIDE = "/gradproof"
PACKAGE = Path(__file__).resolve().parent
DEVICES = ("null", "full", "random", "urandom")  # mapped, /dev/zero is memory that nobody could count
_SYSTEM = ("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32")
_ETC = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives")
_SYNTHETIC = {
    "/etc/passwd": f"runner:x:{UID}:{UID}::/tmp/home:/bin/sh\n",
    "/etc/group": f"runner:x:{UID}:\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "/etc/hosts": "127.0.0.1 localhost gradproof\n::1 localhost gradproof\n",
}


@dataclass(frozen=True)
class Mount:
    source: str
    target: str


def system_paths() -> list[str]:
    """What of the system a program reads: its libraries and tools, and the loader's own files."""
    names = [*(f"/{name}" for name in _SYSTEM), *(f"/etc/{name}" for name in _ETC)]
    return [name for name in names if Path(name).exists()]


def jail_command(
    interpreter: Interpreter,
    inside_command: list[str],
    *,
    keep: list[int],
    environment: dict[str, str] | None = None,
    scratch: str = "/tmp",
) -> tuple[list[str], list[int]]:
    """The command that runs `inside_command` in a jail, and the descriptors to pass on: `keep` and the synthetic files.

    The caller closes those that are not in `keep`. `scratch` is a folder that can be written to, beside /tmp.
    """
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise SandboxError(
            "bubblewrap is missing, and programs only run inside it; install it: apt-get install bubblewrap"
        )
    mounts, synthetic = _mounts(interpreter), {name: _memory_file(text) for name, text in _SYNTHETIC.items()}
    files = [part for name, fd in synthetic.items() for part in ("--perms", "0644", "--file", str(fd), name)]
    if os.geteuid() != 0:
        command = [bwrap, *_view(mounts, scratch), *files, *_jail(environment), "--", *inside_command]
        return command, [*keep, *synthetic.values()]
    inner_mounts = [Mount(m.target, m.target) for m in mounts] + [Mount(name, name) for name in synthetic]
    inner = [bwrap, *_view(inner_mounts, scratch), *_jail(environment), "--", *inside_command]
    become = ["setpriv", "--reuid", str(UID), "--regid", str(UID), "--clear-groups", "--bounding-set=-all"]
    become += ["--inh-caps=-all", "--pdeathsig", "KILL", "--"]
    # The outer bubblewrap has no capability left to signal the inner one's uid with: its pid namespace ends that too.
    outer = [bwrap, "--die-with-parent", "--unshare-pid", *_view(mounts, scratch), *files, "--bind", "/proc", "/proc"]
    return [*outer, "--", *become, *inner], [*keep, *synthetic.values()]


def _jail(environment: dict[str, str] | None) -> list[str]:
    command = ["--unshare-all", "--unshare-user", "--uid", str(UID), "--gid", str(UID), "--cap-drop", "ALL"]
    command += ["--new-session", "--die-with-parent", "--clearenv", "--hostname", "gradproof", "--chdir", "/"]
    command += [part for name, value in (environment or {}).items() for part in ("--setenv", name, value)]
    return [*command, "--proc", "/proc", "--remount-ro", "/"]


def _view(mounts: list[Mount], scratch: str) -> list[str]:
    arguments: list[str] = []
    made = {"/"}
    for name in _SYSTEM:
        path = Path("/", name)
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            arguments += ["--ro-bind", str(path), str(path)]
            made.add(str(path))
    arguments += _folders("/etc/x", made) + _folders("/dev/x", made)
    for folder in dict.fromkeys(("/tmp", "/dev/shm", scratch)):  # before the mounts: the interpreter may lie below /tmp
        arguments += ["--tmpfs", folder]
        made.add(folder)
    for name in (*(f"/dev/{device}" for device in DEVICES), *device_nodes()):
        arguments += [*_folders(name, made), "--dev-bind", name, name]
    for name, target in {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}.items():
        arguments += ["--symlink", target, f"/dev/{name}"]
    for mount in mounts:
        arguments += [*_folders(mount.target, made), "--ro-bind", mount.source, mount.target]
    return arguments


def _folders(target: str, made: set[str]) -> list[str]:
    """Every folder above a mount, enterable by all: bubblewrap run by root would make them 0700."""
    arguments: list[str] = []
    for parent in reversed(Path(target).parents):
        if str(parent) not in made and not any(str(parent).startswith(f"{top}/") for top in ("/usr",)):
            arguments += ["--perms", "0755", "--dir", str(parent)]
            made.add(str(parent))
    return arguments


def _mounts(interpreter: Interpreter) -> list[Mount]:
    mounts = [Mount(f"/etc/{name}", f"/etc/{name}") for name in _ETC if Path("/etc", name).exists()]
    mounts += [
        Mount(str(PACKAGE / "inside"), f"{INSIDE}/gradproof_inside"),
        Mount(str(PACKAGE.parent / "checks"), f"{INSIDE}/checks"),
    ]
    for prefix in dict.fromkeys(interpreter.prefixes):
        if Path("/usr") not in (Path(prefix), *Path(prefix).parents):
            mounts.append(Mount(os.path.realpath(prefix), prefix))
            mounts += [Mount(os.devnull, f"{prefix}/{name}") for name in ("pip.conf",) if Path(prefix, name).exists()]
    mounts += [Mount(os.path.realpath(path), path) for path in gpu_files()]
    return mounts + [Mount(os.devnull, path) for path in hidden_files()]


def _memory_file(text: str) -> int:
    descriptor = os.memfd_create("gradproof")
    os.write(descriptor, text.encode())
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
