"""The warm interpreter: replaced when it is worn out or odd, waited for while it gets on, given up when it does not."""

import threading
import time
from pathlib import Path

import pytest
from odd_interpreters import make_odd_interpreter

from sandbox.base import Sandbox
from sandbox.errors import SandboxError
from sandbox.local import zygote
from sandbox.local.grounds import Jail
from sandbox.local.sandbox import LocalSandbox
from sandbox.open import open_sandbox
from sandbox.schema import Job

JOB = Job(runtime="python", argv=["a.py"], files={"a.py": "print('ran')"})


def run(sandbox: Sandbox) -> str:
    return sandbox.run(JOB).stdout


AFTER_A_FORK = """
import os
def odd():
    {}
os.register_at_fork(after_in_parent=odd)
"""
ODD = {
    "a thread": ("import threading, time; threading.Thread(target=time.sleep, args=(1000,)).start()", "1 threads"),
    "memory": ("global kept; kept = bytearray(b'x') * (100 << 20)", "grown by"),
    "no fork": ("import resource; resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))", "could not be forked"),
}


@pytest.mark.parametrize("what", ODD)
def test_an_odd_one_serves_no_further_run(what: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    line, told = ODD[what]
    with open_sandbox(runtimes=make_odd_interpreter(tmp_path / "env", AFTER_A_FORK.format(line))) as sandbox:
        said = [run(sandbox) for _ in range(4)]
    assert said == ["ran\n"] * 4
    assert told in caplog.text


def test_after_its_share_of_runs_a_successor_takes_over_and_nobody_waits_for_it() -> None:
    with LocalSandbox(Jail("A"), most_runs=3) as sandbox:
        run(sandbox)
        served_by = set()
        deadline = time.monotonic() + 20
        while len(served_by) < 2 and time.monotonic() < deadline:
            result = sandbox.run(JOB)
            assert (result.stdout, result.warm) == ("ran\n", True)
            served_by.add(id(sandbox._warm.zygote("python")))
        assert len(served_by) == 2


def test_runs_of_a_retired_one_end_in_peace() -> None:
    slow = JOB.model_copy(
        update={"files": {"a.py": "import time\nprint('on', flush=True)\ntime.sleep(1)\nprint('off')"}}
    )
    with LocalSandbox(Jail("A"), most_runs=1) as sandbox:
        run(sandbox)
        results, on = [], threading.Event()
        running = threading.Thread(target=lambda: results.append(sandbox.run(slow, on_output=lambda _: on.set())))
        running.start()
        assert on.wait(10)
        first = sandbox._warm.zygote("python")
        while sandbox._warm.zygote("python") is first:
            run(sandbox)
        running.join(10)
    assert [result.stdout for result in results] == ["on\noff\n"]


def test_a_slow_start_is_waited_for_as_long_as_it_gets_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zygote, "_STUCK_S", 1.0)
    busy = "import time; end = time.process_time() + 2.5\nwhile time.process_time() < end: pass"
    with open_sandbox(runtimes=make_odd_interpreter(tmp_path / "env", busy)) as sandbox:
        assert run(sandbox) == "ran\n"


def test_a_start_that_stands_still_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zygote, "_STUCK_S", 1.0)
    with open_sandbox(runtimes=make_odd_interpreter(tmp_path / "env", "import time; time.sleep(1000)")) as sandbox:
        started = time.monotonic()
        with pytest.raises(SandboxError, match="stood still"):
            run(sandbox)
    assert time.monotonic() - started < 20


def test_waiting_for_a_start_can_be_cancelled(tmp_path: Path) -> None:
    with open_sandbox(runtimes=make_odd_interpreter(tmp_path / "env", "import time; time.sleep(1000)")) as sandbox:
        cancel = threading.Event()
        threading.Timer(0.5, cancel.set).start()
        started = time.monotonic()
        result = sandbox.run(JOB, cancel=cancel)
        assert (result.status, result.reason) == ("refused", "It was cancelled before it started.")
        assert time.monotonic() - started < 5


def test_a_spare_that_has_died_is_not_used() -> None:
    with open_sandbox() as sandbox:
        run(sandbox)
        spare = sandbox._warm.zygote("python")._spare  # type: ignore[attr-defined]
        assert spare is not None
        spare.shutdown(2)
        assert run(sandbox) == "ran\n"
