"""What every sandbox back end promises."""

import threading
from collections.abc import Callable
from typing import Any, Protocol, Self

from sandbox.runtime import Installed
from sandbox.schema import ExecResult, Job, Runtime, Tier


class Sandbox(Protocol):
    """Runs programs that came from somewhere else.

    A program that fails, hangs or misbehaves is an ExecResult. SandboxError means that the sandbox itself
    is broken or missing; it never says anything about the program.
    """

    tier: Tier
    """Carried into every result."""

    def installed(self, runtime: Runtime) -> Installed:
        """What a program of this runtime finds. Raises SandboxError where there is no such interpreter."""

    def warm(self, runtime: Runtime) -> None:
        """Start importing the runtime's framework in the background, so that a later run finds it ready."""

    def run(
        self,
        job: Job,
        *,
        on_output: Callable[[str], None] | None = None,
        on_evidence: Callable[[dict[str, Any]], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> ExecResult:
        """Run one program to its end, or until a limit or `cancel` ends it. Safe to call from several threads."""

    def close(self) -> None:
        """End every process that this sandbox started."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc_info: object) -> None: ...
