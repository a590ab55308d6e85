"""Running hostile programs: what must hold after every one of them, and what each said it had tried.

A hostile program prints one line for each thing it tries: the case of the catalogue, what it tried, and what came of
it. What it says shows that it tried; whether it got anywhere is looked at from outside wherever it can be.
"""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sandbox_backends import Runner, open_backend
from sandbox_promises import NOT_HELD

from sandbox.schema import ExecResult, Job, LimitName, Limits

HOSTILE = Path(__file__).parent / "data" / "hostile"
GREEN = Job(runtime="python", argv=["a.py"], files={"a.py": "print('green')"})
SECRET = "canary-7f3a9c51"
"""Is in the environment, the files and the memory of the host, and may be in nothing that a program says."""
Check = Callable[["Stage"], None]


@dataclass
class Attempt:
    """What one hostile program did."""

    result: ExecResult
    seen: dict[str, Any] = field(default_factory=dict)
    """What was seen from outside, by name."""

    def of(self, case: str) -> dict[str, str]:
        """What it tried for one case, and what came of each: never empty."""
        lines = (line.split("\t") for line in self.result.stdout.splitlines())
        found = {line[1]: line[2] for line in lines if len(line) == 3 and line[0] == case}
        assert found, f"nothing was tried for {case}: {self.result}"
        return found

    def worked(self, case: str) -> dict[str, str]:
        """Those attempts of a case that were not refused."""
        return {what: outcome for what, outcome in self.of(case).items() if outcome.startswith("DONE")}


ZYGOTE = "gradproof_inside.zygote"
"""Among the arguments of every process that was forked for a run, too."""


@dataclass
class Stage:
    """One back end. Programs that try several cases run once, whichever of the cases asks first."""

    name: str
    run: Runner
    idle: int = 0
    """Busy processes of the host while nothing runs."""
    _done: dict[Any, Attempt | Exception] = field(default_factory=dict)

    def once(self, play: Callable[["Stage"], Attempt]) -> Attempt:
        if play not in self._done:
            try:
                self._done[play] = play(self)
            except Exception as error:
                self._done[play] = error
        if isinstance(done := self._done[play], Exception):
            raise done
        return done

    def check(self, case: str, table: dict[str, Check]) -> None:
        """Try one case, unless this back end does not promise to hold it."""
        if (reason := NOT_HELD.get(self.name, {}).get(case)) is not None:
            pytest.skip(f"not held: {reason}")
        table[case](self)

    def execute(
        self, name: str, *arguments: str, limits: Limits | None = None, beside: int = 0, **options: Any
    ) -> ExecResult:
        """Run one hostile program, then check what must hold after every one of them.

        `beside` processes below this one are the test's own.
        """
        assert self.run(GREEN).stdout == "green\n"
        before = busy_processes()
        result = self.run(job(name, *arguments, limits=limits, **options))
        allowed = max(len(before), self.idle + beside)
        assert_nothing_is_left(allowed)
        after = self.run(GREEN)
        assert (after.status, after.stdout) == ("ok", "green\n")
        assert_nothing_is_left(allowed)
        return result


def job(name: str, *arguments: str, limits: Limits | None = None, **options: Any) -> Job:
    """A hostile program by the name of its file, with the helper that it prints its lines with."""
    files = {one: (HOSTILE / one).read_text(encoding="utf-8") for one in (name, "attempts.py")}
    given = {"runtime": "python", "limits": limits or Limits(wall_s=20), **options}
    return Job(argv=[name, *arguments], files={**files, **given.pop("files", {})}, **given)


@contextlib.contextmanager
def open_stage(name: str) -> Iterator[Stage]:
    """Opened with a secret in the environment of the host and with a descriptor that any child would inherit."""
    before = os.environ.get("CANARY_API_KEY")
    os.environ["CANARY_API_KEY"] = SECRET
    reader, writer = os.pipe()
    os.set_inheritable(reader, True)
    try:
        with open_backend(name) as run:
            run(GREEN)
            yield Stage(name, run, settled())
    finally:
        os.close(reader)
        os.close(writer)
        os.environ.pop("CANARY_API_KEY") if before is None else os.environ.update(CANARY_API_KEY=before)


def processes_below_us() -> set[int]:
    """Every process of this machine that descends from this one and is not a zombie."""
    return set(_parents_below_us())


def busy_processes() -> set[int]:
    """Those below us that are no part of the sandbox at rest: jails, zygotes, and one that waits in each of these."""
    parents = _parents_below_us()
    said = {pid: _arguments(pid) for pid in parents}
    forked = {pid for pid, parent in parents.items() if ZYGOTE in said[pid] and ZYGOTE in said.get(parent, "")}
    at_rest = {pid for pid in parents if said[pid].split("\0")[0].endswith("bwrap")}
    for zygote in {pid for pid in parents if ZYGOTE in said[pid]} - forked:
        waiting = [pid for pid in sorted(forked) if parents[pid] == zygote and pid not in parents.values()]
        at_rest |= {zygote, *waiting[-1:]}
    return set(parents) - at_rest


def _parents_below_us() -> dict[int, int]:
    parents, alive = {}, set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                state, parent = (entry / "stat").read_text().rpartition(") ")[2].split()[:2]
                parents[int(entry.name)] = int(parent)
                if state != "Z":
                    alive.add(int(entry.name))
    below = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in below} - below:
        below |= more
    return {pid: parents[pid] for pid in (below & alive) - {os.getpid()}}


def _arguments(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:
        return ""


def settled() -> int:
    """How many processes are busy once no more come: what waits for the next run is started beside the first."""
    counts = [len(busy_processes())]
    while len(counts) < 60 and (len(counts) < 10 or len(set(counts[-10:])) > 1):
        time.sleep(0.1)
        counts.append(len(busy_processes()))
    return counts[-1]


def processes_named(marker: str) -> list[int]:
    """Every process of this machine, whoever's child it is, with the marker among its arguments."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdecimal() and marker.encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return [pid for pid in found if pid != os.getpid()]


def assert_nothing_is_left(before: int) -> None:
    """No more busy processes than before, within two seconds; a worn-out zygote may be replaced meanwhile."""
    deadline = time.monotonic() + 2
    while (left := len(busy_processes())) > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert left <= before, f"{left - before} processes of a run are left"


def assert_ended_by(result: ExecResult, limit: LimitName) -> None:
    """The limit that ended a run is named first, with its figures."""
    assert result.limits_hit, f"no limit is named: {result}"
    hit = result.limits_hit[0]
    assert (hit.name, hit.ended) == (limit, True), result.limits_hit
    assert hit.used is None or hit.used >= hit.allowed * 0.9


def cases() -> tuple[dict[str, Check], Callable[[str], Callable[[Check], Check]]]:
    """A table of cases by their number in the catalogue, and the decorator that fills it."""
    table: dict[str, Check] = {}

    def case(number: str) -> Callable[[Check], Check]:
        def add(check: Check) -> Check:
            assert number not in table, f"{number} is there twice"
            table[number] = check
            return check

        return add

    return table, case
