"""What the sandbox needs, tried one by one on this machine."""

import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel

from sandbox.errors import SandboxError
from sandbox.local.gpu.diagnose import LOOK, build_remedy, cuda_version, diagnose_gpu
from sandbox.local.inside import landlock
from sandbox.local.probe import require_nesting, run_in_jail
from sandbox.local.view import INSIDE
from sandbox.runtime import Interpreter, describe, importable_modules, interpreter_path, require_framework
from sandbox.schema import Runtime

_LOAD_FILTER = """
import sys; sys.path.insert(0, "/gradproof")
from gradproof_inside import linux, seccomp
linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1); linux.load_seccomp(seccomp.build_filter())
import socket
try: socket.socket(40, socket.SOCK_STREAM)
except OSError: print("refuses vsock")
"""
USER_NAMESPACES = "sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=15000"


class Probe(BaseModel):
    """One thing that was tried."""

    name: str
    ok: bool
    detail: str
    """What was found, or what went wrong, in one line."""
    remedy: str | None = None
    """The command or setting that mends it, where it is not ok and can be mended."""


def diagnose(runtimes: dict[Runtime, Path] | None = None) -> list[Probe]:
    """Try each mechanism for real; takes about a second and imports no framework."""
    own = describe(Path(sys.executable))
    probes = [_bubblewrap(), _jail(own), _namespaces(own), _landlock(), _seccomp(own), _tmpfs(own), _gpu(own)]
    probes += [_runtime(runtime, runtimes) for runtime in ("pytorch", "tensorflow")]
    return [*probes, *_gpu_builds(runtimes)]


def _try(name: str, action: Callable[[], str], remedy: str | None) -> Probe:
    try:
        return Probe(name=name, ok=True, detail=action())
    except (SandboxError, OSError, subprocess.SubprocessError) as error:
        return Probe(name=name, ok=False, detail=str(error), remedy=remedy)


def _bubblewrap() -> Probe:
    path = shutil.which("bwrap")
    if path is None:
        return Probe(name="bubblewrap", ok=False, detail="it is not installed", remedy="apt-get install bubblewrap")
    version = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=5.0, check=False).stdout
    return Probe(name="bubblewrap", ok=True, detail=f"{version.strip()} at {path}")


def _jail(interpreter: Interpreter) -> Probe:
    def start() -> str:
        run_in_jail(interpreter, ["/usr/bin/true"], tier="B")
        return "it starts (tier B: programs take turns in it)"

    return _try("jail", start, f"{USER_NAMESPACES}; without a jail, GRADPROOF_SANDBOX=docker or =unjailed")


def _namespaces(interpreter: Interpreter) -> Probe:
    def nest() -> str:
        require_nesting(interpreter)
        return "each program has its own, with a /proc of its own (tier A)"

    return _try("user namespaces", nest, USER_NAMESPACES)


def _landlock() -> Probe:
    version = landlock.abi()
    if version == 0:
        detail = "this kernel has none; the jail's own walls still stand"
        return Probe(name="landlock", ok=False, detail=detail, remedy="boot Linux 5.13 or later with lsm=landlock,...")
    missing = [what for abi, what in ((4, "TCP rules"), (6, "signal and socket scopes")) if version < abi]
    return Probe(name="landlock", ok=True, detail=", without ".join([f"ABI {version}", *missing]))


def _seccomp(interpreter: Interpreter) -> Probe:
    def load() -> str:
        return run_in_jail(interpreter, [interpreter.executable, "-I", "-c", _LOAD_FILTER]) or "loads"

    remedy = f"use a kernel with CONFIG_SECCOMP_FILTER on x86_64 or aarch64; this is {platform.machine()}"
    return _try("seccomp", load, remedy)


def _tmpfs(interpreter: Interpreter) -> Probe:
    mount = "mount -t tmpfs -o size=1m,nr_inodes=8 none /tmp && touch /tmp/x && stat -f -c '%c inodes' /tmp"
    nested = ["/usr/bin/unshare", "--user", "--map-root-user", "--mount", "/bin/sh", "-c", mount]
    return _try("private tmpfs", lambda: run_in_jail(interpreter, nested), "see 'user namespaces'")


def _gpu(interpreter: Interpreter) -> Probe:
    command = [interpreter.executable, "-I", "-c", LOOK.format(inside=INSIDE)]
    found = diagnose_gpu(lambda: run_in_jail(interpreter, command))
    return Probe(name="gpu", ok=found.ok, detail=found.detail, remedy=found.remedy)


def _gpu_builds(runtimes: dict[Runtime, Path] | None) -> Iterator[Probe]:
    """Frameworks that would leave a GPU that is here alone."""
    cuda = cuda_version()
    for runtime in ("pytorch", "tensorflow") if cuda is not None else ():
        with suppress(SandboxError):
            path = interpreter_path(runtime, runtimes)
            remedy = build_remedy(runtime, str(path), describe(path).versions, importable_modules(path), cuda)
            if remedy is not None:
                detail = "what is installed was built for the CPU alone, though there is a GPU"
                yield Probe(name=f"{runtime} on the GPU", ok=False, detail=detail, remedy=remedy)


def _runtime(runtime: Runtime, runtimes: dict[Runtime, Path] | None) -> Probe:
    path = interpreter_path(runtime, runtimes)

    def look() -> str:
        interpreter = describe(path)
        require_framework(runtime, interpreter)
        versions = ", ".join(f"{name} {version}" for name, version in interpreter.versions.items())
        return f"{interpreter.framework_version(runtime)} in {path} (Python {interpreter.python}; {versions})"

    package = "torch" if runtime == "pytorch" else "tensorflow"
    return _try(runtime, look, f"{path} -m pip install {package}, or set GRADPROOF_RUNTIME_{runtime.upper()}")
