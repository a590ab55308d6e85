"""The one place that builds a sandbox."""

from pathlib import Path
from typing import Literal

from sandbox.base import Sandbox
from sandbox.errors import SandboxError
from sandbox.local.probe import require_jail
from sandbox.local.sandbox import LocalSandbox
from sandbox.runtime import describe, interpreter_path
from sandbox.schema import Runtime


def open_sandbox(
    *, kind: Literal["local"] = "local", runtimes: dict[Runtime, Path] | None = None, scratch: Path | None = None
) -> Sandbox:
    """A sandbox to use in a `with` block. Raises SandboxError, with the remedy, where none can be had here.

    `runtimes` names the interpreter of a runtime; the default is the one that runs gradproof. `scratch` is an existing
    folder for temporary files of the host's side. There is one kind so far.
    """
    if kind != "local":
        raise SandboxError(f"unknown sandbox {kind!r}; use 'local'")
    require_jail(describe(interpreter_path("python", runtimes)))
    return LocalSandbox(runtimes=runtimes, scratch=scratch)
