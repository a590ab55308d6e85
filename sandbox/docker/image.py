"""What an image holds, found out by running its interpreters behind the same walls as programs."""

import json
from dataclasses import dataclass
from functools import lru_cache

from pydantic import ValidationError

from sandbox.docker.command import Shape, interpreter_in_image, new_name, new_uid, run_command
from sandbox.docker.engine import BUILD_COMMAND, Engine
from sandbox.docker.owner import own_label
from sandbox.errors import SandboxError
from sandbox.runtime import ASK, ASK_MODULES, DISTRIBUTIONS, LISTED, Installed
from sandbox.schema import Limits, Runtime

_START_S = 120.0
_ASK_PLACE = """
import ctypes, json, os
ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
child = os.fork()
if child == 0:
    try: os.listdir(f"/proc/{os.getppid()}/fd")
    except PermissionError: os._exit(1)
    os._exit(0)
hides = os.waitpid(child, 0)[1] != 0
entries = [entry for folder in ("/", "/etc") for entry in os.scandir(folder) if not entry.is_symlink()]
print(json.dumps({"paths": [entry.path for entry in entries], "hides": hides}))
"""
"""Also: is a process that is not to be dumped (PR_SET_DUMPABLE is 4) hidden from others of its uid?"""
_HIDDEN = {f"/{name}" for name in ("boot", "home", "media", "mnt", "proc", "root", "run", "srv", "sys", "var")}
"""No program needs them. /sys tells of the machine, and /proc has rules of its own."""
_WRITTEN_BY_ENGINE = {"/etc", "/etc/resolv.conf", "/etc/hostname"}
"""/etc itself is left out for what the engine puts there: the rest of it is listed one by one."""


def require_image(engine: Engine) -> None:
    """Raise SandboxError, with the remedy, unless the engine runs and has the image, and the image can be sealed."""
    config = json.loads(engine.ask("image", "inspect", engine.image, "--format", "{{json .Config}}"))
    if volumes := config.get("Volumes"):
        raise SandboxError(
            f"the image {engine.image!r} declares volumes ({', '.join(sorted(volumes))}), which programs could fill "
            "without limit; build it without VOLUME, or unset GRADPROOF_DOCKER_IMAGE"
        )


@dataclass(frozen=True)
class Contents:
    """What one runtime of an image is, in a container of this engine."""

    installed: Installed
    readable: tuple[str, ...]
    """What a program may read."""
    hides_supervisor: bool
    """Whether a supervisor can hide from a program of its own uid."""


@lru_cache(maxsize=16)
def look_into(engine: Engine, runtime: Runtime) -> Contents:
    """Ask the image's interpreter about itself, once. Raises SandboxError where there is none with the framework."""
    path = interpreter_in_image(runtime)
    said = _run(engine, [path, "-I", "-c", f"{ASK}\n{ASK_MODULES}\n{_ASK_PLACE}", *LISTED])
    try:
        interpreter, modules, place = (json.loads(line) for line in said.splitlines())
        found = Installed(interpreter=interpreter, modules=modules)
    except (ValueError, ValidationError) as error:
        raise SandboxError(f"{path} in the image {engine.image!r} is no Python interpreter; {_rebuild()}") from error
    if DISTRIBUTIONS[runtime] and found.interpreter.framework_version(runtime) is None:
        name = DISTRIBUTIONS[runtime][0]
        raise SandboxError(f"{path} in the image {engine.image!r} has no {name}; {_rebuild()}")
    readable = {*place["paths"], *found.interpreter.prefixes} - _HIDDEN - _WRITTEN_BY_ENGINE
    return Contents(found, tuple(sorted(readable)), place["hides"])


def _run(engine: Engine, inside: list[str]) -> str:
    """What a trusted command prints in a container of its own."""
    command = run_command(engine, inside, Limits(), {}, Shape(new_name(), own_label(), new_uid()))
    return engine.output(command, timeout=_START_S, unanswered="a container could not be started")


def _rebuild() -> str:
    return f"build gradproof's own: '{BUILD_COMMAND}', and unset GRADPROOF_DOCKER_IMAGE"
