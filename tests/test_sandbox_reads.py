"""Hostile programs that look for what belongs to the host, or to another run."""

import os
import shutil
import subprocess
import tempfile
import threading
import venv
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sandbox_abuse import SECRET, Attempt, Stage, cases, job
from sandbox_backends import backends

from sandbox.local.place import program_environment
from sandbox.open import open_sandbox
from sandbox.runtime import describe, interpreter_path
from sandbox.schema import Job, Limits

CASES, case = cases()
DEVICES = {"fd", "full", "null", "random", "shm", "stderr", "stdin", "stdout", "urandom", "zero"}


@contextmanager
def secrets_on_the_host() -> Iterator[list[Path]]:
    """Files with the secret, where users keep such things and where any program can read them."""
    with ExitStack() as stack:
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="host-"))) for _ in range(2)]
        folders += [Path("/var/tmp"), Path("/dev/shm")]
        paths = [folder / f"host-{os.getpid()}-{number}.env" for number, folder in enumerate(folders)]
        for path in paths:
            path.write_text(SECRET)
            path.chmod(0o644)
            stack.callback(path.unlink)
        for folder in folders[:2]:
            folder.chmod(0o755)
        yield paths


def reading(stage: Stage) -> Attempt:
    with secrets_on_the_host() as paths, subprocess.Popen(["sleep", "300" + "0" * 20 + "7"]) as process:
        try:
            result = stage.execute("reads_the_host.py", ":".join(map(str, paths)), limits=Limits(wall_s=60), beside=1)
        finally:
            process.kill()
    assert result.status == "ok", result
    assert not result.truncated
    return Attempt(result, {"files": paths, "process": process.args[1]})


def assert_unseen(attempt: Attempt, case: str) -> None:
    assert not [what for what, outcome in attempt.of(case).items() if SECRET in outcome]


@case("A1")
def the_accounts_of_the_host_stay_unknown(stage: Stage) -> None:
    attempt = stage.once(reading)
    there = attempt.worked("A1")
    assert set(there) <= {"/etc/passwd", "/etc/hostname"}
    ours = set(Path("/etc/passwd").read_text().splitlines()) - {"runner:x:61000:61000::/tmp/home:/bin/sh"}
    if stage.name not in ("C", "docker"):
        assert "61000" in there["/etc/passwd"]
    if stage.name == "C":  # no account is told at all
        assert there == {}
    elif stage.name != "docker":  # an image has accounts of its own, that may read as those of the host
        assert not [line for line in ours if line in there["/etc/passwd"]]


@case("A2")
def files_of_users_stay_unknown(stage: Stage) -> None:
    attempt = stage.once(reading)
    there = attempt.worked("A2")
    assert_unseen(attempt, "A2")
    assert not [path for path in attempt.seen["files"] if str(path) in there]
    assert not [path for path in there if path.startswith(("~", f"{Path('~root').expanduser()}/.", "/tmp/home"))]
    assert {outcome for path, outcome in there.items() if path in ("/var", "/mnt", "/srv")} <= {"DONE []"}
    assert there.get("/run", "DONE []") in ("DONE []", "DONE ['home', 'work']", "DONE ['work', 'home']")  # its own


@case("A3")
def a_walk_finds_no_file_of_the_host(stage: Stage) -> None:
    walk = stage.once(reading).of("A3")["walk"]
    assert walk.endswith("found []")
    assert int(walk.split()[0]) > 100 or stage.name in ("C", "docker")  # where not even / can be listed


@case("A4")
def other_processes_cannot_be_read(stage: Stage) -> None:
    attempt = stage.once(reading)
    assert_unseen(attempt, "A4")
    assert attempt.seen["process"] not in attempt.result.stdout
    pids = attempt.of("A4")["pids"].strip("[]").split(", ")
    environments = {path for path in attempt.worked("A4") if path.endswith("environ")}
    own = {f"/proc/{pid}/environ" for pid in pids}
    assert environments <= own
    assert not [path for path in environments if attempt.of("A4")[path] != "DONE b''" and path == "/proc/1/environ"]


@case("A5")
def no_link_of_proc_leads_out_of_the_view(stage: Stage) -> None:
    attempt = stage.once(reading)
    assert len(attempt.of("A5")) > 50
    assert not attempt.worked("A5")


@case("A6")
def devices_and_the_kernels_memory_are_closed(stage: Stage) -> None:
    attempt = stage.once(reading)
    there = attempt.worked("A6")
    assert not {path: found for path, found in there.items() if found != "DONE set()"}
    devices = set(attempt.of("A6")["/dev"].strip("[]").replace("'", "").split(", "))
    if stage.name != "docker":
        assert not [name for name in devices - DEVICES - {""} if not name.startswith("nvidia")]


@case("A7")
def the_machine_is_not_described(stage: Stage) -> None:
    attempt = stage.once(reading)
    there = attempt.worked("A7")
    assert there["hostname"] == "DONE 'gradproof'"
    assert os.uname().nodename not in there["hostname"]
    if stage.name != "docker" and not list(Path("/dev").glob("nvidia*")):
        assert not [path for path in there if path.startswith("/sys")]


@case("A8")
def the_environment_is_built_from_nothing(stage: Stage) -> None:
    attempt = stage.once(reading)
    assert_unseen(attempt, "A8")
    given = program_environment(describe(interpreter_path("python", None)))
    there = attempt.of("A8")
    assert "CANARY_API_KEY" in os.environ
    names = set(there) - {"/proc/self/environ"}
    assert names == set(given) if stage.name != "docker" else names <= {*given, *ALSO}
    assert "CANARY" not in there["/proc/self/environ"]


ALSO = {"LD_LIBRARY_PATH", "PWD"}


@case("A9")
def no_descriptor_is_inherited(stage: Stage) -> None:
    there = stage.once(reading).of("A9")
    assert sorted(there) == ["0", "1", "2"]
    assert there["0"].endswith("/dev/null")
    assert all(there[number].split()[1].startswith("pipe:") for number in "12")


@case("A10")
def links_of_its_own_stay_in_the_view(stage: Stage) -> None:
    attempt = stage.once(reading)
    assert len(attempt.of("A10")) > 10
    assert not attempt.worked("A10")


@case("A11")
def files_of_a_run_at_the_same_time_stay_unknown(stage: Stage) -> None:
    hiding = job("hides_a_secret.py", SECRET, "1.5")
    first = threading.Thread(target=lambda: hidden.append(stage.run(hiding)))
    hidden: list = []
    first.start()
    try:
        seen = [stage.execute("seeks_other_runs.py") for _ in range(3)]
    finally:
        first.join()
    assert hidden[0].stdout == "hidden\nstill hidden\n"
    assert not [result for result in seen if SECRET in result.stdout or "FOUND" in result.stdout]
    assert all(result.stdout.endswith("sought\n") for result in seen)


@pytest.mark.parametrize("name", CASES)
@backends(quick=("A", "A-user", "B"))
def test_nothing_of_the_host_is_read(stage: Stage, name: str) -> None:
    stage.check(name, CASES)


@pytest.fixture(scope="module")
def environment_with_secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter whose folder holds a file of credentials, and a program that would run as root."""
    folder = tmp_path_factory.mktemp("with-secrets") / "env"
    venv.create(folder, symlinks=True)
    (folder / "pip.conf").write_text(f"[global]\nindex-url = https://user:{SECRET}@example.com/simple\n")
    shutil.copy("/usr/bin/id", folder / "bin" / "id-as-root")
    (folder / "bin" / "id-as-root").chmod(0o4755)
    return folder


PROGRAM = """
import os, subprocess, sys
for name in ("pip.conf", ".netrc", ".pypirc"):
    path = os.path.join(sys.prefix, name)
    try:
        print(name, open(path).read())
    except OSError as refusal:
        print(name, refusal.strerror)
print(subprocess.run([os.path.join(sys.prefix, "bin/id-as-root"), "-u"], capture_output=True, text=True).stdout.strip())
"""
CREDENTIALS, SETUID = "A12", "D12 of an environment"
OWN = (CREDENTIALS, SETUID)


@pytest.mark.parametrize("name", OWN)
def test_an_environment_gives_neither_its_credentials_nor_its_setuid_programs(
    environment_with_secrets: Path, name: str
) -> None:
    runtimes = {"python": environment_with_secrets / "bin" / "python"}
    with open_sandbox(runtimes=runtimes) as sandbox:  # type: ignore[arg-type]
        result = sandbox.run(Job(runtime="python", argv=["a.py"], files={"a.py": PROGRAM}))
    assert result.status == "ok", result.stderr
    if name == CREDENTIALS:
        assert SECRET not in result.stdout
        assert result.stdout.startswith("pip.conf")
    else:
        assert result.stdout.splitlines()[-1] == "61000"
