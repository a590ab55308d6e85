"""Runs at once: as many as cores and memory allow, in the order they were asked for; nobody waits against its will."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.local import capacity
from sandbox.local.capacity import Capacity, measure_capacity
from sandbox.local.grounds import Jail
from sandbox.local.sandbox import LocalSandbox
from sandbox.schema import ExecResult, Job, Limits

WAITS = "import time\nprint('on', flush=True)\ntime.sleep({})"


class Runs:
    """Runs of one sandbox, each in a thread of its own; `order` is that in which their programs started."""

    def __init__(self, cores: int, memory_mb: int) -> None:
        self.sandbox = LocalSandbox(Jail("A"), capacity=Capacity(cores=cores, memory_mb=memory_mb))
        self.sandbox.run(Job(runtime="python", argv=["a.py"], files={"a.py": ""}))
        self.order: list[str] = []
        self.ends: dict[str, threading.Event] = {}
        self._threads = ThreadPoolExecutor(16)

    def start(self, name: str, *, memory_mb: int = 100, seconds: float = 60) -> "Future[ExecResult]":
        """Returns when it has started or waits behind the others."""
        self.ends[name], settled = threading.Event(), threading.Event()

        def on_output(_: str) -> None:
            self.order.append(name)
            settled.set()

        files, limits = {"a.py": WAITS.format(seconds)}, Limits(memory_mb=memory_mb)
        job = Job(runtime="python", argv=["a.py"], files=files, limits=limits)
        result = self._threads.submit(self.sandbox.run, job, on_output=on_output, cancel=self.ends[name])
        settled.wait(0.3)
        return result

    def close(self) -> None:
        for end in self.ends.values():
            end.set()
        self._threads.shutdown()
        self.sandbox.close()


@pytest.fixture
def runs(request: pytest.FixtureRequest) -> Iterator[Runs]:
    opened = Runs(**request.param)
    yield opened
    opened.close()


def room(cores: int, memory_mb: int) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("runs", [{"cores": cores, "memory_mb": memory_mb}], indirect=True)


@room(cores=2, memory_mb=10_000)
def test_no_more_run_at_once_than_there_are_cores(runs: Runs) -> None:
    for name in "abc":
        runs.start(name)
    assert runs.order == ["a", "b"]
    runs.ends["b"].set()
    wait_for(lambda: runs.order == ["a", "b", "c"])


@room(cores=4, memory_mb=1000)
def test_a_small_run_does_not_overtake_a_large_one_that_waits(runs: Runs) -> None:
    runs.start("large", memory_mb=600)
    runs.start("as large", memory_mb=600)
    runs.start("small", memory_mb=100)
    assert runs.order == ["large"]
    runs.ends["large"].set()
    wait_for(lambda: sorted(runs.order[1:]) == ["as large", "small"])


@room(cores=4, memory_mb=1000)
def test_a_run_that_is_larger_than_all_there_is_runs_alone(runs: Runs) -> None:
    runs.start("small")
    runs.start("huge", memory_mb=5000)
    runs.start("behind")
    assert runs.order == ["small"]
    runs.ends["small"].set()
    wait_for(lambda: runs.order == ["small", "huge"])
    time.sleep(0.2)
    assert runs.order == ["small", "huge"]
    runs.ends["huge"].set()
    wait_for(lambda: runs.order == ["small", "huge", "behind"])


@room(cores=1, memory_mb=1000)
def test_who_waits_can_be_cancelled_at_once_and_holds_nobody_up(runs: Runs) -> None:
    runs.start("a")
    waiting = runs.start("b")
    runs.start("c")
    started = time.monotonic()
    runs.ends["b"].set()
    result = waiting.result(5)
    assert time.monotonic() - started < 0.5
    assert (result.status, result.reason) == ("refused", "It was cancelled before it started.")
    runs.ends["a"].set()
    wait_for(lambda: runs.order == ["a", "c"])


@room(cores=1, memory_mb=1000)
def test_closing_ends_who_runs_and_who_waits(runs: Runs) -> None:
    running, waiting = runs.start("a"), runs.start("b")
    runs.sandbox.close()
    for one in (running, waiting):
        with pytest.raises(SandboxError):
            one.result(5)
    assert runs.order == ["a"]


@room(cores=3, memory_mb=300)
def test_all_get_their_turn(runs: Runs) -> None:
    results = [runs.start(str(number), memory_mb=50 + 50 * (number % 4), seconds=0) for number in range(12)]
    assert [one.result(20).status for one in results] == ["ok"] * 12
    assert sorted(runs.order, key=int) == [str(number) for number in range(12)]


def wait_for(condition: object, seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:  # type: ignore[operator]
        time.sleep(0.01)
    assert condition()  # type: ignore[operator]


GROUPS = {
    "none": ({}, "0::/\n", None),
    "version 2, above its own": ({"a/memory.max": "1048576000", "a/b/memory.max": "max"}, "0::/a/b\n", 900),
    "version 2, in a container": ({"memory.max": "1048576000"}, "0::/elsewhere\n", 900),
    "version 1": ({"memory/a/memory.limit_in_bytes": "1048576000"}, "9:cpu,cpuacct:/\n4:memory:/a\n", 900),
}


@pytest.mark.parametrize("what", GROUPS)
def test_memory_is_what_the_control_group_leaves(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, own, memory_mb = GROUPS[what]
    write_groups(tmp_path, files, own, monkeypatch)
    machine = measure_capacity()
    assert machine.memory_mb == memory_mb if memory_mb else machine.memory_mb > 0


@pytest.mark.parametrize(
    "files", [{"a/cpu.max": "150000 100000"}, {"cpu/a/cpu.cfs_quota_us": "100000", "cpu/a/cpu.cfs_period_us": "100000"}]
)
def test_cores_are_what_the_control_group_leaves(
    files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)))
    write_groups(tmp_path, files, "4:cpu:/a\n0::/a\n", monkeypatch)
    assert measure_capacity().cores == (2 if "a/cpu.max" in files else 1)


def write_groups(tmp_path: Path, files: dict[str, str], own: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in {**files, "own": own}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(capacity, "_GROUPS", tmp_path)
    monkeypatch.setattr(capacity, "_OWN", tmp_path / "own")
