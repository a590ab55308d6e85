"""Hostile programs that multiply, hang, kill, or leave something of themselves behind."""

import os
import signal
import subprocess
import threading
import time

import pytest
from sandbox_abuse import GREEN, Attempt, Stage, assert_ended_by, cases, job, processes_below_us, processes_named
from sandbox_backends import backends, is_users, open_driver, options_of

from sandbox.schema import ExecResult, Limits

CASES, case = cases()
PROMPT_S = 2.0
"""How long after a limit a run may still take, on a machine that does other things too."""


@case("D1")
def a_bomb_ends_at_its_limit(stage: Stage) -> None:
    for how in ("processes", "threads", "clone", "spawn"):
        result = stage.execute("multiplies.py", how, limits=Limits(wall_s=8, processes=40))
        assert result.status == "killed", (how, result)
        assert_ended_by(result, "processes")
        assert subprocess.run(["true"], check=True, timeout=10).returncode == 0


@case("D2")
def signals_reach_nobody_else(stage: Stage) -> None:
    sibling: list[ExecResult] = []
    hiding = threading.Thread(target=lambda: sibling.append(stage.run(job("hides_a_secret.py", "x", "0.8"))))
    hiding.start()
    result = stage.execute("kills_everything.py")
    hiding.join()
    assert (sibling[0].status, sibling[0].stdout) == ("ok", "hidden\nstill hidden\n")
    assert result.stdout.endswith("still here\n")
    assert "SIGKILL" in (result.reason or "")
    worked = Attempt(result).worked("D2")
    assert not [what for what in worked if not what.startswith("1 ")]


def killing(stage: Stage) -> Attempt:
    return Attempt(stage.execute("kills_everything.py"))


@case("D13")
def what_guards_a_run_cannot_be_starved_by_it(stage: Stage) -> None:
    worked = stage.once(killing).worked("D13")
    if stage.name in ("A", "A-user"):  # process 1 there is part of the run: it can end that, and harms nobody else
        worked = {what: outcome for what, outcome in worked.items() if not what.endswith(" of 1")}
    assert not worked


DAEMONS = ("double fork", "session of its own", "silent", "no death signal", "chain", "adopted")


@case("D4")
def no_daemon_outlives_its_run(stage: Stage) -> None:
    for number, how in enumerate(DAEMONS):
        marker = f"4242{number}.{os.getpid()}"
        result = stage.execute("leaves_a_daemon.py", how, marker)
        assert (result.status, result.stdout) == ("ok", "left\n"), how
        assert processes_named(marker) == [], how
        assert result.wall_s < PROMPT_S, how


@case("D5")
def output_held_open_does_not_keep_a_run_alive(stage: Stage) -> None:
    result = stage.execute("leaves_a_daemon.py", "double fork", f"4243.{os.getpid()}")
    assert (result.status, result.stdout) == ("ok", "left\n")
    assert result.wall_s < PROMPT_S + 0.1


@case("D6")
def ignoring_signals_does_not_help(stage: Stage) -> None:
    for where in ("in Python", "in C"):
        result = stage.execute("ignores_signals.py", where, limits=Limits(wall_s=0.5))
        assert (result.status, result.stdout) == ("timeout", "spinning\n"), where
        assert_ended_by(result, "wall")
        assert result.wall_s < 0.5 + PROMPT_S


def assert_times_out(stage: Stage, how: str) -> None:
    result = stage.execute("hangs.py", how, limits=Limits(wall_s=0.6))
    assert result.status == "timeout", (how, result)
    assert result.stdout.startswith("before the hang\n")
    assert_ended_by(result, "wall")
    assert result.wall_s < 0.6 + PROMPT_S


@case("D7")
def what_hangs_is_ended_and_what_it_said_is_kept(stage: Stage) -> None:
    for how in ("sleep", "lock", "worker", "thread", "pipe", "loop"):
        assert_times_out(stage, how)


@case("D8")
def children_cannot_hide_what_they_use(stage: Stage) -> None:
    assert stage.execute("burns_in_children.py", "after the end").wall_s < PROMPT_S
    for how in ("waited for", "given away"):
        result = stage.execute("burns_in_children.py", how, limits=Limits(wall_s=12, cpu_s=0.8))
        assert result.status == "killed", (how, result)
        assert_ended_by(result, "cpu")


@case("D9")
def a_stopped_program_is_ended(stage: Stage) -> None:
    for how in ("stop", "stopped by a child"):
        assert_times_out(stage, how)


@case("D14")
def a_bomb_does_not_keep_the_supervisor_from_its_work(stage: Stage) -> None:
    limits = Limits(wall_s=20, processes=40)
    result = stage.execute("multiplies.py", "processes", limits=limits, collect=["*.txt"])
    assert_ended_by(result, "processes")
    assert result.stdout == "multiplying\n"
    assert [artifact.content for artifact in result.artifacts] == [b"kept"]


@case("D15")
def everything_ends_with_the_host(stage: Stage) -> None:
    before, marker = processes_below_us(), f"4244.{os.getpid()}"
    program = f"import subprocess\nprint(subprocess.Popen(['sleep', '{marker}'], start_new_session=True), flush=True)\n"
    run = GREEN.model_copy(update={"files": {"a.py": f"{program}while True: pass"}})
    with open_driver(options_of(stage.name), user=is_users(stage.name)) as driver:
        driver.start(run)[1].result(60)
        inside = processes_below_us() - before
        assert processes_named(marker)
        os.kill(driver.pid, signal.SIGKILL)
        deadline = time.monotonic() + 2
        while (left := inside & alive() | set(processes_named(marker))) and time.monotonic() < deadline:
            time.sleep(0.02)
    assert not left


def alive() -> set[int]:
    """Processes of this machine, whoever's child they have become, that are not zombies."""
    found = subprocess.run(["ps", "-eo", "pid=,stat="], capture_output=True, text=True, check=True).stdout
    return {int(line.split()[0]) for line in found.splitlines() if line.split()[1][0] not in "ZX"}


@pytest.mark.parametrize("name", CASES)
@backends(quick=("A", "B"))
def test_processes_of_a_run_are_counted_and_end_with_it(stage: Stage, name: str) -> None:
    stage.check(name, CASES)
