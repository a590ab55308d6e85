"""A real engine for the tests of containers: found or skipped, its containers counted, runs started beside a test."""

import json
import os
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.docker.engine import Engine, find_engine
from sandbox.docker.image import require_image
from sandbox.docker.owner import LABEL
from sandbox.docker.sandbox import DockerSandbox
from sandbox.errors import SandboxError
from sandbox.schema import ExecResult, Job, Limits

RUNTIMES = [pytest.param(None, id="runc"), pytest.param("runsc", id="gVisor", marks=pytest.mark.slow)]
PROGRAMS = Path(__file__).parent / "data" / "containers"
SLEEP = "import time\nprint('asleep', flush=True)\ntime.sleep(60)"


def open_engine(runtime: str | None) -> Engine:
    """Skips, with the reason, where this machine cannot run containers so."""
    try:
        found = find_engine(runtime=runtime)
        require_image(found)
        known = json.loads(found.ask("info", "--format", "{{json .Runtimes}}"))
    except SandboxError as error:
        pytest.skip(str(error))
    if runtime is not None and runtime not in known:
        pytest.skip(f"the engine has no runtime {runtime!r}")
    return found


def program(name: str) -> str:
    return (PROGRAMS / name).read_text(encoding="utf-8")


def job(code: str, **options: object) -> Job:
    return Job(runtime="python", argv=["m.py"], files={"m.py": textwrap.dedent(code)}, **options)


def names(engine: Engine, *, pid: int | None = None) -> set[str]:
    """The containers of a process, this one unless another is named."""
    columns = f'{{{{.Names}}}} {{{{.Label "{LABEL}"}}}}'
    told = engine.ask("ps", "--all", "--filter", f"label={LABEL}", "--format", columns).splitlines()
    return {line.split()[0] for line in told if line.split("/")[-2] == str(pid or os.getpid())}


def wait_for(condition: Callable[[], object], *, seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(condition())


class Started:
    """A run in a thread of its own, once its program has spoken."""

    def __init__(self, sandbox: DockerSandbox, code: str, **limits: float) -> None:
        self.result: ExecResult | SandboxError | None = None
        self.cancel, spoken = threading.Event(), threading.Event()

        def run() -> None:
            try:
                asked = job(code, limits=Limits(**limits))
                self.result = sandbox.run(asked, on_output=lambda _: spoken.set(), cancel=self.cancel)
            except SandboxError as error:
                self.result = error

        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()
        assert spoken.wait(30)

    def wait(self, seconds: float) -> ExecResult | SandboxError | None:
        self.thread.join(seconds)
        return self.result
