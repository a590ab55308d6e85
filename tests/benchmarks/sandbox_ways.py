"""The ways of running one program that are measured beside each other: in the sandbox, and as one would without it."""

import json
import os
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from process_table import below, cpu_seconds, wait_until
from pydantic import BaseModel

from sandbox.base import Sandbox
from sandbox.local.inside.zygote import PREIMPORTS
from sandbox.local.place import program_environment
from sandbox.open import open_sandbox
from sandbox.runtime import describe
from sandbox.schema import Job, Limits, Runtime

_TIMEOUT_S = 300.0
_IN_IMPORTED = """
import importlib, json, sys, time
for name in json.loads(sys.argv[1]):
    try: importlib.import_module(name)
    except ImportError: pass
source, wall, cpu = open(sys.argv[2]).read(), time.perf_counter(), time.process_time()
exec(compile(source, sys.argv[2], "exec"), {"__name__": "__main__"})
print(json.dumps([time.perf_counter() - wall, time.process_time() - cpu]))
"""


class Program(BaseModel):
    """A script without files of its own."""

    name: str
    runtime: Runtime
    source: str

    def job(self) -> Job:
        limits = Limits(wall_s=_TIMEOUT_S, memory_mb=2048)
        return Job(runtime=self.runtime, argv=["main.py"], files={"main.py": self.source}, limits=limits)


class Sample(BaseModel):
    """One run. CPU time is that of every process it took, to 10 ms where the kernel counts in ticks."""

    wall_s: float
    cpu_s: float


class Way(ABC):
    """One way of running a program from its text to its end. All ways get the environment that the sandbox builds."""

    name: ClassVar[str]
    says: ClassVar[str]

    @abstractmethod
    def run(self, program: Program) -> Sample:
        """Raises RuntimeError where the program fails: a failure would be the fastest run of all."""

    def missing(self) -> str | None:
        """Why this way cannot be gone here."""
        return None


class Warm(Way):
    name, says = "warm", "the sandbox, its interpreter warm"

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def run(self, program: Program) -> Sample:
        before = len(below(os.getpid()))
        cpu, started = _own_and_below(), time.perf_counter()
        result = self._sandbox.run(program.job())
        wall = time.perf_counter() - started
        if result.status != "ok":
            raise RuntimeError(f"{program.name}: {result.reason}\n{result.stderr}")
        wait_until(lambda: len(below(os.getpid())) <= before, seconds=1.0)  # what has ended must have been reaped
        return Sample(wall_s=wall, cpu_s=max(_own_and_below() - cpu, 0.0))


class Cold(Way):
    name, says = "cold", "the sandbox, opened for this run"

    def run(self, program: Program) -> Sample:
        started, cpu = time.perf_counter(), _own_and_below()
        with open_sandbox() as sandbox:
            result = sandbox.run(program.job())
            wall, cpu = time.perf_counter() - started, _own_and_below() - cpu
        if result.status != "ok":
            raise RuntimeError(f"{program.name}: {result.reason}\n{result.stderr}")
        return Sample(wall_s=wall, cpu_s=cpu)


class Plain(Way):
    name, says = "plain", "python script.py"

    def run(self, program: Program) -> Sample:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "main.py").write_text(program.source, encoding="utf-8")
            started = time.perf_counter()
            with subprocess.Popen(self._command(folder), cwd=folder, env=_environment(folder), **_QUIET) as process:
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            wall = time.perf_counter() - started
            if process.returncode:
                raise RuntimeError(f"{program.name} ended with {process.returncode}")
            return Sample(wall_s=wall, cpu_s=self._cpu_seconds(folder, usage))

    def _command(self, folder: str) -> list[str]:
        return [sys.executable, f"{folder}/main.py"]

    def _cpu_seconds(self, folder: str, usage: resource.struct_rusage) -> float:  # noqa: ARG002
        return usage.ru_utime + usage.ru_stime


class Bubblewrap(Plain):
    name, says = "bubblewrap", "the same inside bwrap --unshare-all"

    def missing(self) -> str | None:
        return None if shutil.which("bwrap") else "bubblewrap is not installed"

    def _command(self, folder: str) -> list[str]:
        view = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/run", "--bind", folder, folder]
        timed = f"{shlex.join(super()._command(folder))}; status=$?; times > cpu; exit $status"
        return ["bwrap", *view, "--unshare-all", "--die-with-parent", "--", "sh", "-c", timed]

    def _cpu_seconds(self, folder: str, usage: resource.struct_rusage) -> float:  # noqa: ARG002
        """As the shell in it tells: bubblewrap does not wait for its child, whose time is lost to us."""
        of_children = Path(folder, "cpu").read_text(encoding="utf-8").splitlines()[1]
        minutes_seconds = (spent.rstrip("s").split("m") for spent in of_children.split())
        return sum(60 * int(minutes) + float(seconds) for minutes, seconds in minutes_seconds)


class Jupyter(Way):
    name, says = "jupyter", "a fresh Jupyter kernel, from its start to its answer"

    def missing(self) -> str | None:
        gone = [name for name in ("jupyter_client", "ipykernel") if find_spec(name) is None]
        return f"{' and '.join(gone)} not installed (pip install jupyter_client ipykernel)" if gone else None

    def run(self, program: Program) -> Sample:
        from jupyter_client.manager import KernelManager

        started, manager = time.perf_counter(), KernelManager()
        manager.start_kernel(env={**os.environ, **_environment(tempfile.gettempdir())})
        client = manager.client()
        try:
            client.start_channels()
            client.wait_for_ready(timeout=_TIMEOUT_S)
            client.execute(program.source)
            answer = client.get_shell_msg(timeout=_TIMEOUT_S)["content"]
            wall, cpu = time.perf_counter() - started, cpu_seconds(below(os.getpid(), argument="ipykernel"))
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
        if answer["status"] != "ok":
            raise RuntimeError(f"{program.name}: {answer}")
        return Sample(wall_s=wall, cpu_s=cpu)


class Imported(Way):
    name, says = "imported", "the same steps alone, in a fresh process that has imported everything before"

    def run(self, program: Program) -> Sample:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "main.py").write_text(program.source, encoding="utf-8")
            command = [sys.executable, "-c", _IN_IMPORTED, json.dumps(PREIMPORTS[program.runtime]), "main.py"]
            quiet: dict[str, Any] = {"stderr": subprocess.DEVNULL, "text": True, "timeout": _TIMEOUT_S}
            out = subprocess.check_output(command, cwd=folder, env=_environment(folder), **quiet)
        wall, cpu = json.loads(out.splitlines()[-1])
        return Sample(wall_s=wall, cpu_s=cpu)


_QUIET: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}


def _environment(folder: str) -> dict[str, str]:
    return program_environment(describe(Path(sys.executable)), folder)


def _own_and_below() -> float:
    return time.process_time() + cpu_seconds(below(os.getpid()))
