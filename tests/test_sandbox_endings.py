"""A run, and a whole jail, can be ended at any moment: at once, as a whole, and nothing else with it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from odd_interpreters import make_odd_interpreter
from process_table import below, processes, wait_until

from sandbox.base import Sandbox
from sandbox.local import attempt
from sandbox.local.place import Place
from sandbox.open import open_sandbox
from sandbox.schema import ExecResult, Job, Limits

ENDLESS = """
import ctypes, os, threading
ctypes.CDLL(None).prctl(15, b"{}")
child = os.fork() == 0
threading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()
if child:
    os.setsid()
else:
    print("on", flush=True)
while True: pass
"""


@pytest.fixture(scope="module")
def jail() -> Iterator[Sandbox]:
    with open_sandbox() as opened:
        yield opened


class Running:
    """An endless program in a thread of its own, with two processes that can be told by `name`."""

    def __init__(self, jail: Sandbox, name: str, limits: Limits | None = None) -> None:
        self.name, self.cancel = name, threading.Event()
        self.results: list[ExecResult] = []
        on = threading.Event()
        job = Job(
            runtime="python", argv=["a.py"], files={"a.py": ENDLESS.format(name)}, limits=limits or Limits(wall_s=30)
        )

        def run() -> None:
            self.results.append(jail.run(job, cancel=self.cancel, on_output=lambda _: on.set()))

        self._thread = threading.Thread(target=run)
        self._thread.start()
        assert on.wait(20)

    def processes(self) -> list[int]:
        return [pid for pid, name, _ in processes() if name == self.name]

    def supervisor(self) -> int:
        parents = {pid: parent for pid, _, parent in processes()}
        return next(parents[pid] for pid in self.processes() if parents[pid] not in self.processes())

    def result(self, seconds: float = 10) -> ExecResult:
        self._thread.join(seconds)
        assert self.results, "it has not returned"
        return self.results[0]


def test_a_cancelled_run_is_gone_at_once(jail: Sandbox) -> None:
    run = Running(jail, "canary-cancel")
    assert len(run.processes()) == 2
    started = time.monotonic()
    run.cancel.set()
    result = run.result()
    assert time.monotonic() - started < 1
    assert (result.status, result.reason, result.stdout) == ("killed", "It was cancelled.", "on\n")
    assert not run.processes()


def test_a_run_whose_supervisor_is_stuck_is_cancelled_alone(jail: Sandbox) -> None:
    stuck, other = Running(jail, "canary-stuck"), Running(jail, "canary-other")
    os.kill(stuck.supervisor(), signal.SIGSTOP)
    stuck.cancel.set()
    result = stuck.result()
    assert (result.status, result.reason, result.stdout) == ("killed", "It was cancelled.", "on\n")
    assert not stuck.processes()
    assert len(other.processes()) == 2
    other.cancel.set()
    assert other.result().reason == "It was cancelled."


def test_a_run_whose_supervisor_is_stuck_ends_at_its_limit(jail: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt, "_GRACE_S", 0.5)
    zygote = jail._warm.zygote("python")  # type: ignore[attr-defined]
    run = Running(jail, "canary-limit", Limits(wall_s=1.5))
    os.kill(run.supervisor(), signal.SIGSTOP)
    result = run.result()
    assert (result.status, result.stdout, result.limits_hit[0].name) == ("timeout", "on\n", "wall")
    assert not run.processes()
    assert jail._warm.zygote("python") is zygote  # type: ignore[attr-defined]


def test_a_run_that_is_cancelled_while_it_starts_costs_no_warm_interpreter(jail: Sandbox) -> None:
    zygote = jail._warm.zygote("python")  # type: ignore[attr-defined]
    job = Job(runtime="python", argv=["a.py"], files={"a.py": ENDLESS.format("canary-early")})
    for milliseconds in range(10):
        cancel = threading.Event()
        threading.Timer(milliseconds / 1000, cancel.set).start()
        result = jail.run(job, cancel=cancel)
        assert result.reason in ("It was cancelled.", "It was cancelled before it started.")
    assert jail._warm.zygote("python") is zygote  # type: ignore[attr-defined]
    assert not [pid for pid, name, _ in processes() if name == "canary-early"]


def test_a_supervisor_that_was_taken_over_cannot_fill_the_hosts_memory() -> None:
    ours, theirs = socket.socketpair()

    def flood() -> None:
        with theirs, contextlib.suppress(OSError):
            theirs.sendall(b"O" + (1 << 31).to_bytes(4, "big"))
            while True:
                theirs.sendall(bytes(1 << 16))

    threading.Thread(target=flood, daemon=True).start()
    job = Job(runtime="python", argv=["a.py"], files={}, limits=Limits(artifact_mb=1))
    following = attempt.Attempt(job, Place(tier="B"), give_up=ours.close, start_s=10, cancel=threading.Event())
    with ours:
        following.follow(ours, {})
    assert following.facts is None
    assert "more at once" in following.failure


DRIVER = """
import sys, time
from pathlib import Path
from sandbox.open import open_sandbox
from sandbox.schema import Job
if __name__ == "__main__":
    jail = open_sandbox(runtimes={"python": Path(sys.argv[1])})
    if sys.argv[2] == "starts":
        jail.warm("python")
        time.sleep(1)
        print("on", flush=True)
        time.sleep(100)
    job = Job(runtime="python", argv=["a.py"], files={"a.py": sys.argv[3]})
    jail.run(job, on_output=lambda _: print("on", flush=True))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("moment", ["starts", "runs"])
def test_a_jail_ends_with_its_host(moment: str, number: signal.Signals, tmp_path: Path) -> None:
    code = "import time; time.sleep(1000)" if moment == "starts" else ""
    interpreter = make_odd_interpreter(tmp_path / "env", code or "pass")["python"]
    command = [sys.executable, "-c", DRIVER, str(interpreter), moment, ENDLESS.format("canary-host")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]) as driver:
        assert driver.stdout is not None
        assert driver.stdout.readline() == "on\n"
        members = below(driver.pid)
        driver.send_signal(number)
    assert len(members) >= 3
    assert wait_until(lambda: not (members & {process.pid for process in processes()}), seconds=2)
