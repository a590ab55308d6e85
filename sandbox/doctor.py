"""What the sandbox needs, tried one by one on this machine."""

import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel

from sandbox.base import Sandbox
from sandbox.errors import SandboxError
from sandbox.local.gpu.diagnose import LOOK, build_remedy, cuda_version, diagnose_gpu
from sandbox.local.gpu.files import library_path
from sandbox.local.inside import landlock
from sandbox.local.probe import require_nesting, run_in_jail
from sandbox.local.view import INSIDE
from sandbox.open import open_sandbox
from sandbox.runtime import Interpreter, describe, importable_modules, interpreter_path, require_framework
from sandbox.schema import Job, Runtime, SandboxKind

_IMPORT = f"""
import sys; sys.path.insert(0, {INSIDE!r})
from gradproof_inside import landlock, linux, seccomp
linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
"""
_LOAD_FILTER = """
linux.load_seccomp(seccomp.build_filter())
import socket
try: socket.socket(40, socket.SOCK_STREAM)
except OSError: print("refuses vsock")
"""
_RESTRICT = """
landlock.restrict(readable=["/"], writable=[], devices=[])
try: open("/tmp/x", "w")
except PermissionError: print("refuses to write")
"""
TIERS = {
    "A": "each program in a jail with namespaces of its own",
    "B": "programs take turns in a jail",
    "C": "no jail, against accidents alone",
    "docker": "a container each",
}
USER_NAMESPACES = "sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=15000"


class Probe(BaseModel):
    """One thing that was tried."""

    name: str
    ok: bool
    detail: str
    """What was found, or what went wrong, in one line."""
    remedy: str | None = None
    """The command or setting that mends it, where it is not ok and can be mended."""
    needed: bool = True
    """False where programs can be run without it."""


def diagnose(
    runtimes: dict[Runtime, Path] | None = None,
    *,
    kind: SandboxKind = "local",
    docker_image: str | None = None,
    docker_runtime: str | None = None,
) -> list[Probe]:
    """Try each mechanism for real; takes about a second and imports no framework."""

    def opened() -> Sandbox:
        return open_sandbox(kind=kind, runtimes=runtimes, docker_image=docker_image, docker_runtime=docker_runtime)

    if kind == "docker":
        return [_docker(docker_image, docker_runtime), _gpu(describe(Path(sys.executable)))]
    probes = [_run(opened), *_walls(describe(Path(sys.executable)), jailed=kind == "local")]
    return [*probes, *(_runtime(runtime, runtimes) for runtime in ("pytorch", "tensorflow")), *_gpu_builds(runtimes)]


def _run(opened: Callable[[], Sandbox]) -> Probe:
    """What it all comes to: a program is run."""

    def run() -> str:
        with opened() as sandbox:
            job = Job(runtime="python", argv=["main.py"], files={"main.py": ""})
            sandbox.run(job)
            result = sandbox.run(job)
        if result.status != "ok":
            raise SandboxError(f"an empty program did not end well: {result.reason} {result.stderr[-300:]}")
        return f"tier {result.tier}, {TIERS[result.tier]}; an empty program takes {result.wall_s * 1000:.0f} ms"

    return _try("sandbox", run, None)  # the sentence says what mends it


def _walls(interpreter: Interpreter, *, jailed: bool) -> list[Probe]:
    """The mechanisms one by one; none of them without bubblewrap. What only makes a jail may not be needed."""
    if shutil.which("bwrap") is None:
        return [_bubblewrap().model_copy(update={"needed": jailed}), _gpu(interpreter)]
    jail = [_bubblewrap(), _jail(interpreter), _namespaces(interpreter), _tmpfs(interpreter)]
    if not jailed:
        jail = [probe.model_copy(update={"needed": False}) for probe in jail]
    return [*jail, _landlock(interpreter, needed=not jailed), _seccomp(interpreter), _gpu(interpreter)]


def _docker(image: str | None, runtime: str | None) -> Probe:
    from sandbox.docker.engine import DEFAULT_IMAGE, find_engine
    from sandbox.docker.probe import report

    return _try("docker", lambda: report(find_engine(image=image or DEFAULT_IMAGE, runtime=runtime)), None)


def _try(name: str, action: Callable[[], str], remedy: str | None, *, needed: bool = True) -> Probe:
    try:
        return Probe(name=name, ok=True, detail=action(), needed=needed)
    except (SandboxError, OSError, subprocess.SubprocessError) as error:
        return Probe(name=name, ok=False, detail=str(error), remedy=remedy, needed=needed)


def _bubblewrap() -> Probe:
    path = shutil.which("bwrap")
    if path is None:
        return Probe(name="bubblewrap", ok=False, detail="it is not installed", remedy="apt-get install bubblewrap")
    version = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=5.0, check=False).stdout
    return Probe(name="bubblewrap", ok=True, detail=f"{version.strip()} at {path}")


def _jail(interpreter: Interpreter) -> Probe:
    def start() -> str:
        run_in_jail(interpreter, ["/usr/bin/true"])
        return "it starts (tier B: programs take turns in it)"

    return _try("jail", start, f"{USER_NAMESPACES}; without a jail, GRADPROOF_SANDBOX=docker or =unjailed")


def _namespaces(interpreter: Interpreter) -> Probe:
    def nest() -> str:
        require_nesting(interpreter)
        return "each program has its own, with a /proc of its own (tier A)"

    return _try("user namespaces", nest, USER_NAMESPACES, needed=False)


def _landlock(interpreter: Interpreter, *, needed: bool) -> Probe:
    version = landlock.abi()
    missing = [what for abi, what in ((4, "TCP rules"), (6, "signal and socket scopes")) if version < abi]

    def load() -> str:
        if version == 0:
            raise SandboxError("this kernel has none; the jail's own walls still stand")
        told = _ask_in_jail(interpreter, _RESTRICT)
        return ", ".join([f"ABI {version}", told, *(f"without {what}" for what in missing)])

    return _try("landlock", load, "boot Linux 5.13 or later with lsm=landlock", needed=needed)


def _seccomp(interpreter: Interpreter) -> Probe:
    def load() -> str:
        return _ask_in_jail(interpreter, _LOAD_FILTER)

    remedy = f"use a kernel with CONFIG_SECCOMP_FILTER on x86_64 or aarch64; this is {platform.machine()}"
    return _try("seccomp", load, remedy)


def _ask_in_jail(interpreter: Interpreter, program: str) -> str:
    """What it prints once it has put a wall up and run into it; SandboxError where the wall let it through."""
    told = run_in_jail(interpreter, [interpreter.executable, "-I", "-c", _IMPORT + program])
    if not told:
        raise SandboxError("it loads, and holds nothing back")
    return told


def _tmpfs(interpreter: Interpreter) -> Probe:
    mount = "mount -t tmpfs -o size=1m,nr_inodes=8 none /tmp && touch /tmp/x && stat -f -c '%c inodes' /tmp"
    nested = ["/usr/bin/unshare", "--user", "--map-root-user", "--mount", "/bin/sh", "-c", mount]
    return _try("private tmpfs", lambda: run_in_jail(interpreter, nested), "see 'user namespaces'", needed=False)


def _gpu(interpreter: Interpreter) -> Probe:
    variables = [f"LD_LIBRARY_PATH={libraries}"] if (libraries := library_path()) is not None else []
    command = ["/usr/bin/env", *variables, interpreter.executable, "-I", "-c", LOOK.format(inside=INSIDE)]
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
