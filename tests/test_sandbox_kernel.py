"""Hostile programs that call what no training program needs of the kernel."""

import os
import re
import tempfile
from pathlib import Path

import pytest
from sandbox_abuse import HOSTILE, Attempt, Stage, cases
from sandbox_backends import backends

from sandbox.local.inside import seccomp
from sandbox.schema import Limits

CASES, case = cases()
pytestmark = pytest.mark.skipif(os.uname().machine != "x86_64", reason="the programs use the call numbers of x86-64")


def asking(stage: Stage) -> Attempt:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        result = stage.execute("asks_the_kernel.py", folder)
    assert result.status == "ok", result
    return Attempt(result)


def assert_all_refused(stage: Stage, number: str, *, by: set[str] | None = None) -> dict[str, str]:
    tried = stage.once(asking).of(number)
    by = by or {"EPERM"}
    assert not {what: outcome for what, outcome in tried.items() if outcome not in by}
    return tried


@case("F1")
def mounting_is_refused(stage: Stage) -> None:
    assert len(assert_all_refused(stage, "F1")) == 12


@case("F2")
def namespaces_are_refused(stage: Stage) -> None:
    tried = assert_all_refused(stage, "F2", by={"EPERM", "EACCES", "ENOENT"})
    assert {outcome for what, outcome in tried.items() if what.startswith(("unshare", "clone"))} == {"EPERM"}


@case("F3")
def bpf_is_refused(stage: Stage) -> None:
    assert_all_refused(stage, "F3")


@case("F4")
def userfaultfd_is_refused(stage: Stage) -> None:
    assert_all_refused(stage, "F4")


@case("F5")
def io_uring_is_refused(stage: Stage) -> None:
    assert_all_refused(stage, "F5")


@case("F6")
def keys_are_refused(stage: Stage) -> None:
    assert_all_refused(stage, "F6")


@case("F7")
def perf_events_are_refused(stage: Stage) -> None:
    assert_all_refused(stage, "F7")


@case("F8")
def file_handles_are_refused(stage: Stage) -> None:
    assert_all_refused(stage, "F8")


@case("F9")
def what_only_an_administrator_does_is_refused(stage: Stage) -> None:
    assert len(assert_all_refused(stage, "F9")) == 22


@case("F10")
def personalities_are_refused(stage: Stage) -> None:
    assert_all_refused(stage, "F10")


@case("F11")
def a_foreign_architecture_ends_the_program(stage: Stage) -> None:
    for name in ("x32", "i386"):
        result = stage.execute("uses_a_foreign_architecture.py", name)
        assert (result.status, result.stdout) == ("killed", ""), name
        assert "SIGSYS" in (result.reason or "")


@case("F12")
def clone3_is_as_if_it_were_not_there(stage: Stage) -> None:
    assert_all_refused(stage, "F12", by={"ENOSYS"})


@case("F13")
def shared_memory_of_system_v_is_refused(stage: Stage) -> None:
    assert len(assert_all_refused(stage, "F13")) == 11


@case("F14")
def watching_the_files_of_others_is_refused(stage: Stage) -> None:
    tried = assert_all_refused(stage, "F14", by={"EPERM", "ENOENT"})
    assert tried["fanotify_init"] == "EPERM"


@case("F16")
def a_filter_of_its_own_harms_only_itself(stage: Stage) -> None:
    for action in ("trap", "kill", "refuse"):
        result = stage.execute("filters_itself.py", action, limits=Limits(wall_s=1))
        assert result.stdout == "before\n"
        assert result.status in ("killed", "error", "timeout"), action


@case("F17")
def a_program_from_memory_is_confined_alike(stage: Stage) -> None:
    said = stage.once(asking).of("F17")["memfd"]
    if said not in ("Function not implemented", "Operation not permitted"):
        assert_confined(said)


@case("D10")
def another_program_is_confined_alike(stage: Stage) -> None:
    said = stage.once(asking).of("D10")
    assert_confined(said["exec"])
    assert said["socket"].endswith("Address family not supported by protocol")
    assert said["descriptors"] == "1024"


def assert_confined(status: str) -> None:
    for expected in ("'NoNewPrivs': '1'", "'Seccomp': '2'", "'CapEff': '0000000000000000'"):
        assert expected in status
    assert "'CapBnd': '0000000000000000'" in status
    assert "'Uid': '0'" not in status


@case("F18")
def what_was_given_up_cannot_be_taken_back(stage: Stage) -> None:
    attempt = stage.once(asking)
    assert not attempt.worked("F18")
    assert attempt.of("F18")["no_new_privs"] == "1"


@case("D3")
def no_process_can_be_traced(stage: Stage) -> None:
    assert_all_refused(stage, "D3")


@case("D11")
def no_namespace_of_users_can_be_made(stage: Stage) -> None:
    said = stage.once(asking).of("D11")
    assert said["unshare"] == "EPERM"
    assert not [what for what, outcome in said.items() if outcome == "exit 0"]
    assert len([what for what, outcome in said.items() if outcome.startswith("exit")]) == 3
    if stage.name in ("A", "A-user"):  # a second layer, behind the filter
        assert said["allowed"].strip("b'\\n") == "0"


@case("D12")
def programs_that_make_root_make_no_root(stage: Stage) -> None:
    attempt = stage.once(asking)
    assert not attempt.worked("D12")
    assert not [what for what, outcome in attempt.of("D12").items() if outcome.startswith("exit 0")]


@case("D13 own")
def no_priority_can_be_taken(stage: Stage) -> None:
    assert_all_refused(stage, "D13", by={"EPERM", "EACCES", "EINVAL"})


@pytest.mark.parametrize("name", CASES)
@backends(quick=("A", "A-user", "B"))
def test_the_kernel_does_what_a_training_program_needs_and_no_more(stage: Stage, name: str) -> None:
    stage.check(name, CASES)


def test_every_call_that_the_filter_refuses_is_tried() -> None:
    tried = {int(number) for number in re.findall(r"\((\d+),", (HOSTILE / "asks_the_kernel.py").read_text())}
    assert not {name for name, numbers in seccomp._REFUSED.items() if numbers[0] not in tried}
