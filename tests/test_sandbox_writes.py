"""Hostile programs that write where the host, or a later run, would read it."""

import os
import socket
import sys
import sysconfig
from pathlib import Path

import pytest
from sandbox_abuse import Attempt, Stage, cases
from sandbox_backends import ROOT, backends

CASES, case = cases()
EMPTY = "0000000000000000"


def listing() -> dict[str, tuple[int, ...]]:
    """What lies in the folders that programs are shown, with the times and modes of the folders and some files."""
    paths = [Path(sys.prefix), Path(sys.prefix, "bin"), Path(sys.base_prefix), Path(os.__file__).parent]
    paths += [Path(sysconfig.get_paths()["purelib"]), ROOT, ROOT / "sandbox" / "checks", Path("/usr"), Path("/etc")]
    files = [Path(os.__file__), Path(os.path.realpath(sys.executable)), Path("/etc/passwd"), Path("/usr/bin/cat")]
    found = {str(path): path.stat() for folder in paths for path in [folder, *folder.iterdir()] if path.exists()}
    found |= {str(path): path.stat() for path in files}
    return {path: (stat.st_mode, stat.st_uid, stat.st_ino) for path, stat in found.items()} | {
        str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in files
    }


def host_settings() -> list[str]:
    names = ("kernel/core_pattern", "kernel/modprobe", "vm/overcommit_memory", "user/max_user_namespaces")
    paths = [path for name in names if (path := Path("/proc/sys", name)).exists()]
    return [socket.gethostname(), *(path.read_text() for path in paths)]


def writing(stage: Stage) -> Attempt:
    marker = Path("/tmp") / f"gradproof-marker-{os.getpid()}"
    marker.mkdir(mode=0o777)
    marker.chmod(0o777)
    try:
        before = listing(), host_settings()
        result = stage.execute("writes_outside.py", str(marker), str(ROOT), collect=["*"])
        after = listing(), host_settings()
        kept = sorted(marker.iterdir())
    finally:
        marker.rmdir()
    assert result.status == "ok", result
    seen = {"same": [one == other for one, other in zip(before, after, strict=True)], "marker": kept}
    found = stage.execute("finds_what_was_written.py")
    return Attempt(result, seen | {"found later": found})


@case("B1")
def what_programs_are_shown_stays_as_it_is(stage: Stage) -> None:
    attempt = stage.once(writing)
    assert attempt.seen["same"][0]
    assert not attempt.worked("B1")
    mounted = {outcome for what, outcome in attempt.of("B1").items() if what.startswith("read-only")}
    assert mounted == {"True"} or stage.name == "C"  # where Landlock alone refuses


@case("B2")
def nothing_is_left_that_a_later_interpreter_would_run(stage: Stage) -> None:
    attempt = stage.once(writing)
    assert not attempt.worked("B2")
    assert len([what for what in attempt.of("B2") if what.startswith("own")]) == 5
    later = attempt.seen["found later"]
    assert (later.status, later.stdout) == ("ok", "looked\n")


@case("B3")
def caches_are_a_runs_own(stage: Stage) -> None:
    attempt = stage.once(writing)
    assert not attempt.worked("B3")
    assert len(attempt.of("B3")) >= 10
    assert attempt.seen["found later"].stdout == "looked\n"


@case("B4")
def mounts_cannot_be_changed(stage: Stage) -> None:
    attempt = stage.once(writing)
    assert not attempt.worked("B4")
    assert attempt.of("B4")["mounts"] == "unchanged"


@case("B5")
def settings_of_the_kernel_cannot_be_changed(stage: Stage) -> None:
    attempt = stage.once(writing)
    assert attempt.seen["same"][1]
    assert not attempt.worked("B5")


@case("B6")
def no_device_can_be_made(stage: Stage) -> None:
    attempt = stage.once(writing)
    assert not attempt.worked("B6")
    assert not [one for one in attempt.result.artifacts if one.path in ("character", "block")]


@case("B7")
def a_program_that_is_setuid_stays_what_it_was(stage: Stage) -> None:
    attempt = stage.once(writing)
    said = attempt.of("B7")
    assert not attempt.worked("B7")
    assert said["uid"] == said["own"] != "0"
    assert {said[name] for name in ("CapPrm", "CapEff", "CapBnd", "CapInh", "CapAmb")} == {EMPTY}
    if stage.name != "C":
        assert {outcome for what, outcome in said.items() if what.startswith("nosuid")} == {"True"}


@case("B8")
def files_that_the_host_reads_later_cannot_be_made(stage: Stage) -> None:
    attempt = stage.once(writing)
    assert attempt.seen["marker"] == []
    elsewhere = [what for what in attempt.worked("B8") if not what.startswith("/tmp/")]  # which is the run's own
    assert not [what for what in elsewhere if what != "marker"]
    assert attempt.seen["same"][0]


@case("B9")
def memory_of_other_processes_cannot_be_written(stage: Stage) -> None:
    assert not stage.once(writing).worked("B9")


@pytest.mark.parametrize("name", CASES)
@backends(quick=("A", "A-user", "B"))
def test_nothing_outside_of_a_run_is_written(stage: Stage, name: str) -> None:
    stage.check(name, CASES)
