"""The one place that builds a sandbox."""

from pathlib import Path
from typing import Literal

from sandbox.base import Sandbox
from sandbox.errors import SandboxError
from sandbox.local.grounds import BareMachine, Jail
from sandbox.local.probe import best_tier, require_nesting
from sandbox.local.sandbox import LocalSandbox
from sandbox.runtime import Interpreter, describe, interpreter_path
from sandbox.schema import Runtime, SandboxKind


def open_sandbox(
    *,
    kind: SandboxKind = "local",
    tier: Literal["A", "B"] | None = None,
    runtimes: dict[Runtime, Path] | None = None,
    docker_image: str | None = None,
    docker_runtime: str | None = None,
    scratch: Path | None = None,
) -> Sandbox:
    """A sandbox to use in a `with` block. Raises SandboxError, with the remedy, where none can be had here.

    `tier` asks for one of the local ones; the default is the better one that can be had. `runtimes` names the
    interpreter of a runtime; the default is the one that runs gradproof, but an image brings its own. `docker_runtime`
    is another runtime of the engine's, such as gVisor's "runsc". `scratch` is an existing folder for temporary files of
    the host's side.
    """
    if kind == "docker":
        from sandbox.docker.sandbox import open_docker

        return open_docker(image=docker_image, runtime=docker_runtime, scratch=scratch)
    if kind == "unjailed":
        return LocalSandbox(BareMachine(scratch), runtimes=runtimes, scratch=scratch)
    if kind != "local":
        raise SandboxError(f"unknown sandbox {kind!r}; use 'local', 'docker' or 'unjailed'")
    chosen = _tier(tier, describe(interpreter_path("python", runtimes)))
    return LocalSandbox(Jail(chosen), runtimes=runtimes, scratch=scratch)


def _tier(asked: Literal["A", "B"] | None, interpreter: Interpreter) -> Literal["A", "B"]:
    if asked == "A":
        require_nesting(interpreter)
        return "A"
    return asked or best_tier(interpreter)
