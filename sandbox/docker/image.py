"""What an image holds, found out by running its interpreters behind the same walls as programs."""

import json
import subprocess
from functools import lru_cache

from pydantic import ValidationError

from sandbox.docker.command import interpreter_in_image, new_name, run_command
from sandbox.docker.engine import BUILD_COMMAND, Engine, client_environment
from sandbox.docker.owner import own_label
from sandbox.errors import SandboxError
from sandbox.runtime import ASK, ASK_MODULES, DISTRIBUTIONS, LISTED, Installed
from sandbox.schema import Limits, Runtime

_START_S = 120.0
_ASK_FOLDERS = "import json, os; print(json.dumps(sorted(os.listdir('/'))))"
_HIDDEN = {"proc", "sys"}
"""/proc has rules of its own, and /sys tells of the machine."""


def require_image(engine: Engine) -> None:
    """Raise SandboxError, with the remedy, unless the engine runs and has the image, and the image can be sealed."""
    config = json.loads(engine.ask("image", "inspect", engine.image, "--format", "{{json .Config}}"))
    if volumes := config.get("Volumes"):
        raise SandboxError(
            f"the image {engine.image!r} declares volumes ({', '.join(sorted(volumes))}), which programs could fill "
            "without limit; build it without VOLUME, or unset GRADPROOF_DOCKER_IMAGE"
        )


def installed_in(engine: Engine, runtime: Runtime) -> Installed:
    """Ask the image's interpreter about itself, once. Raises SandboxError where there is none with the framework."""
    return _look(engine, runtime)[0]


def root_folders(engine: Engine, runtime: Runtime) -> tuple[str, ...]:
    """The folders directly below the image's root that a program may read."""
    return _look(engine, runtime)[1]


@lru_cache(maxsize=16)
def _look(engine: Engine, runtime: Runtime) -> tuple[Installed, tuple[str, ...]]:
    path = interpreter_in_image(runtime)
    said = _run(engine, [path, "-I", "-c", f"{ASK}\n{ASK_MODULES}\n{_ASK_FOLDERS}", *LISTED])
    try:
        interpreter, modules, folders = (json.loads(line) for line in said.splitlines())
        found = Installed(interpreter=interpreter, modules=modules)
    except (ValueError, ValidationError) as error:
        raise SandboxError(f"{path} in the image {engine.image!r} is no Python interpreter; {_rebuild()}") from error
    if DISTRIBUTIONS[runtime] and found.interpreter.framework_version(runtime) is None:
        name = DISTRIBUTIONS[runtime][0]
        raise SandboxError(f"{path} in the image {engine.image!r} has no {name}; {_rebuild()}")
    return found, tuple(f"/{name}" for name in folders if name not in _HIDDEN)


def _run(engine: Engine, inside: list[str]) -> str:
    """What a trusted command prints in a container of its own."""
    command = run_command(engine, inside, Limits(), {}, name=new_name(), owner=own_label())
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_START_S,
            check=False,
            env=client_environment(),
            start_new_session=True,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SandboxError(f"a container could not be started: {error}; see 'docker info'") from error
    if done.returncode != 0:
        raise SandboxError(engine.explain(done.stderr))
    return done.stdout


def _rebuild() -> str:
    return f"build gradproof's own: '{BUILD_COMMAND}', and unset GRADPROOF_DOCKER_IMAGE"
