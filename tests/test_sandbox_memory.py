"""Hostile programs that take memory in every way that there is."""

import pytest
from sandbox_abuse import GREEN, Stage, assert_ended_by, cases
from sandbox_backends import backends

from sandbox.schema import Limits

CASES, case = cases()
WATCHED = (
    "shared_files",
    "unlinked_files",
    "children",
    "orphans",
    "recursion",
    "behind_a_dead_thread",
    "in_closed_processes",
    "in_sockets",
)
"""What the kernel's own limit on private memory does not see."""
UNSEEN = (
    "shared",
    "memory_files",
    "memory_files_not_mapped",
    "memory_files_in_flight",
    "shared_and_dropped",
    "page_tables",
)
"""What is in no process's resident memory either, or need not be: it may be refused from the start."""
LIMIT_MB = 200


def take(stage: Stage, how: str, *, wall_s: float = 8) -> None:
    disk_mb = 512 if stage.name == "C" else 8192  # where files are memory too, only that shall end it
    result = stage.execute("takes_memory.py", how, limits=Limits(memory_mb=LIMIT_MB, wall_s=wall_s, disk_mb=disk_mb))
    if stage.name == "C" and how == "unlinked_files":  # which are on the machine's disk there
        return assert_ended_by(result, "disk")
    assert result.status in ("out_of_memory", "error"), (how, result)
    assert result.stdout == "taking\n"
    assert result.peak_memory_mb < 3 * LIMIT_MB
    if how in WATCHED:
        assert_ended_by(result, "memory")
    elif how not in (*UNSEEN, "threads"):
        assert result.status == "out_of_memory", (how, result)
        assert result.limits_hit[0].name == "memory"


@case("E1")
def private_memory_ends_at_its_limit(stage: Stage) -> None:
    for how in ("at_once", "slowly", "without_reserve", "cycles"):
        take(stage, how)


@case("E2")
def shared_memory_and_files_in_memory_count(stage: Stage) -> None:
    for how in ("sparse", "shared_files", "unlinked_files"):
        take(stage, how)


@case("E2 unseen")
def memory_that_no_process_shows_counts(stage: Stage) -> None:
    for how in UNSEEN:
        take(stage, how, wall_s=4)


@case("E2 hidden")
def what_a_process_hides_counts(stage: Stage) -> None:
    for how in ("behind_a_dead_thread", "in_closed_processes", "in_sockets"):
        if stage.name == "C" and how == "in_sockets":  # the machine's sockets are not the run's alone
            continue
        take(stage, how)


@case("E2 lent")
def memory_that_is_lent_for_a_moment_counts_once(stage: Stage) -> None:
    limits = Limits(memory_mb=300, wall_s=30)
    program = "import subprocess\nheld = bytearray(b'x') * (200 << 20)\n"
    program += "for _ in range(300): subprocess.run(['/usr/bin/true'], check=True)"
    result = stage.run(GREEN.model_copy(update={"files": {"a.py": program}, "limits": limits}))
    assert result.status == "ok", result


@case("E3")
def the_memory_of_all_processes_is_summed(stage: Stage) -> None:
    for how in ("children", "orphans", "threads"):
        take(stage, how)


@case("E4")
def endless_recursion_ends_soon(stage: Stage) -> None:
    take(stage, "recursion")


@pytest.mark.parametrize("name", CASES)
@backends()
def test_memory_of_every_kind_ends_at_its_limit(stage: Stage, name: str) -> None:
    stage.check(name, CASES)
