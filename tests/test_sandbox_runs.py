"""Honest programs run as they would outside; the sandbox starts, is cancelled and ends as it says."""

import io
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.base import Sandbox
from sandbox.doctor import diagnose
from sandbox.errors import SandboxError
from sandbox.local.evidence import EvidenceReader
from sandbox.local.inside.collect import glob_to_regex
from sandbox.local.inside.program import _finite
from sandbox.open import open_sandbox
from sandbox.schema import ExecResult, Job, Limits, Runtime

BENIGN = Path(__file__).parent / "data" / "benign"


@pytest.fixture(scope="module")
def jail() -> Iterator[Sandbox]:
    with open_sandbox() as opened:
        yield opened


def execute(jail: Sandbox, code: str, *arguments: str, runtime: Runtime = "python", **options: object) -> ExecResult:
    files = {"main.py": textwrap.dedent(code)}
    return jail.run(Job(runtime=runtime, argv=["main.py", *arguments], files=files, **options))


def test_processes_threads_shared_memory_and_files_work(jail: Sandbox) -> None:
    files = {
        "works.py": (BENIGN / "works.py").read_text(),
        "helper.py": "NAME = 'helper'",
        "data/in.txt": b"\x64\xc3\xa4",
    }
    result = jail.run(Job(runtime="python", argv=["works.py"], files=files))
    assert result.status == "ok", result.stderr
    said = dict(line.split(" ", 1) for line in result.stdout.splitlines())
    assert said == {
        "pool": "[0, 1, 4, 9]",
        "executor": "[25]",
        "threads": "8",
        "subprocess": "42",
        "shell": "/tmp/home",
        "tempfile": "kept",
        "user": "runner True /tmp/work",
        "array": "187500000.0",
        "data": "dä helper",
    }
    assert 1400 < result.peak_memory_mb < 2500


@pytest.mark.parametrize(("runtime", "name"), [("pytorch", "trains_torch.py"), ("tensorflow", "trains_keras.py")])
def test_a_framework_trains_with_workers_and_tensorboard(sandbox: Sandbox, runtime: Runtime, name: str) -> None:
    sandbox.warm(runtime)
    collect = ["**/events.out.tfevents.*", "*.pt"]
    job = Job(runtime=runtime, argv=[name], files={name: (BENIGN / name).read_text()}, collect=collect)
    sandbox.run(Job(runtime=runtime, argv=["a.py"], files={"a.py": ""}))
    result = sandbox.run(job)
    assert result.status == "ok", result.stderr
    assert result.stdout.splitlines()[-1].startswith("trained")
    assert any("events.out.tfevents" in artifact.path and artifact.bytes > 100 for artifact in result.artifacts)
    assert result.warm


@pytest.mark.parametrize(("runtime", "framework"), [("pytorch", "torch"), ("tensorflow", "tensorflow")])
def test_a_framework_is_there_before_the_program_and_no_other(
    sandbox: Sandbox, runtime: Runtime, framework: str
) -> None:
    code = "import sys; print([name for name in ('torch', 'tensorflow') if name in sys.modules])"
    assert execute(sandbox, code, runtime=runtime).stdout == f"[{framework!r}]\n"


def test_an_exception_is_printed_as_python_prints_it(jail: Sandbox) -> None:
    code = """
    def inner():
        raise ValueError("what went wrong")

    try:
        inner()
    except ValueError as error:
        raise RuntimeError("outer") from error
    """
    result = execute(jail, code)
    assert (result.status, result.exit_code) == ("error", 1)
    assert 'File "main.py", line 3, in inner' in result.stderr
    assert "gradproof" not in result.stderr
    assert "runpy" not in result.stderr
    assert result.stderr.endswith("RuntimeError: outer\n")


@pytest.mark.parametrize(
    ("code", "exit_code", "stderr"),
    [
        ("raise SystemExit", 0, ""),
        ("import sys; sys.exit(5)", 5, ""),
        ("import sys; sys.exit('no data')", 1, "no data\n"),
        ("import os; os._exit(9)", 9, ""),
        ("import atexit, sys; atexit.register(sys.stderr.write, 'bye')", 0, "bye"),
        (
            "import threading as t; t.Timer(0.1, lambda: print('late', file=__import__('sys').stderr)).start()",
            0,
            "late\n",
        ),
    ],
)
def test_a_program_ends_as_it_would_outside(jail: Sandbox, code: str, exit_code: int, stderr: str) -> None:
    result = execute(jail, code)
    assert (result.exit_code, result.stderr) == (exit_code, stderr)


def test_a_syntax_error_and_a_missing_script_are_errors(jail: Sandbox) -> None:
    broken = execute(jail, "def broken(:")
    missing = jail.run(Job(runtime="python", argv=["nowhere.py"], files={}))
    assert (broken.status, missing.status, missing.exit_code) == ("error", "error", 2)
    assert 'File "main.py", line 1' in broken.stderr


def test_a_module_runs_by_name_and_pytest_finds_the_projects_code(jail: Sandbox) -> None:
    tests = "import project\ndef test_two(): assert project.two() == 2\ndef test_three(): assert project.two() == 3"
    files = {"project.py": "def two(): return 2", "tests/test_two.py": tests}
    result = jail.run(Job(runtime="python", argv=["-m", "pytest", "-q", "-p", "no:cacheprovider"], files=files))
    assert (result.exit_code, result.stderr) == (1, "")
    assert "1 failed, 1 passed" in result.stdout


def test_output_and_environment_arrive(jail: Sandbox) -> None:
    heard: list[str] = []
    code = "import os, sys; print(os.environ['GIVEN'], sys.argv[1:], __name__); print('\\udcff', file=sys.stderr)"
    job = Job(runtime="python", argv=["main.py", "a", "b c"], files={"main.py": code}, env={"GIVEN": "yes"})
    result = jail.run(job, on_output=heard.append)
    assert result.stdout == "yes ['a', 'b c'] __main__\n"
    assert result.stderr == "\\udcff\n"
    assert sorted("".join(heard)) == sorted(result.stdout + result.stderr)


def test_unseeded_runs_differ(jail: Sandbox) -> None:
    code = "import random, numpy; print(random.random(), numpy.random.rand())"
    first, second = (execute(jail, code).stdout.split() for _ in range(2))
    assert first[0] != second[0]
    assert first[1] != second[1]


def test_cancelling_ends_a_run_at_once(jail: Sandbox) -> None:
    execute(jail, "")
    cancel = threading.Event()
    job = Job(runtime="python", argv=["a.py"], files={"a.py": "print('on', flush=True)\nwhile True: pass"})
    started = time.monotonic()
    result = jail.run(job, on_output=lambda _: cancel.set(), cancel=cancel)
    assert (result.status, result.reason, result.stdout) == ("killed", "It was cancelled.", "on\n")
    assert time.monotonic() - started < 5


def test_a_zygote_that_died_is_replaced(jail: Sandbox) -> None:
    execute(jail, "")
    zygote = jail._warm.zygote("python")  # type: ignore[attr-defined]
    os.killpg(zygote._process.pid, signal.SIGKILL)
    while zygote.alive:  # what it may still start would die with it
        time.sleep(0.01)
    assert execute(jail, "print('again')").stdout == "again\n"


def test_closing_leaves_no_process(tmp_path: Path) -> None:
    with open_sandbox(scratch=tmp_path) as jail:
        execute(jail, "")
        group = jail._warm.zygote("python")._process.pid  # type: ignore[attr-defined]
        assert _alive(group)
    assert not _alive(group)
    with pytest.raises(SandboxError, match="closed"):
        execute(jail, "")


DRIVER = """
import os, sys
from sandbox.open import open_sandbox
from sandbox.schema import Job
jail = open_sandbox()
job = Job(runtime="python", argv=["a.py"], files={"a.py": "import os, time; os.fork(); print('on'); time.sleep(100)"})
def say(_):
    print(jail._warm.zygote("python")._process.pid, flush=True)
jail.run(job, on_output=say)
"""


def test_everything_ends_when_the_host_is_killed() -> None:
    root = Path(__file__).parent.parent
    with subprocess.Popen([sys.executable, "-c", DRIVER], stdout=subprocess.PIPE, text=True, cwd=root) as driver:
        assert driver.stdout is not None
        group = int(driver.stdout.readline())
        members = _descendants(driver.pid)
        driver.kill()
    deadline = time.monotonic() + 5
    while any(_alive(pid) for pid in (group, *members)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(members) >= 5
    assert not [pid for pid in (group, *members) if _alive(pid)]


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except OSError:
        return False


def _descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    found = [
        int(child) for task in children.parent.parent.iterdir() for child in (task / "children").read_text().split()
    ]
    return found + [below for child in found for below in _descendants(child)]


def test_a_sandbox_that_cannot_start_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="GRADPROOF_RUNTIME_PYTORCH"):
        open_sandbox(runtimes={"python": tmp_path / "no-python"})
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxError, match="apt-get install bubblewrap"):
        open_sandbox()


def test_a_runtime_without_its_framework_says_what_to_do(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "env")], check=True, timeout=60)
    runtimes: dict[Runtime, Path] = {"pytorch": tmp_path / "env" / "bin" / "python"}
    with open_sandbox(runtimes=runtimes) as other, pytest.raises(SandboxError, match="has no torch; install it"):
        execute(other, "", runtime="pytorch")


def test_the_doctor_names_each_part() -> None:
    probes = {probe.name: probe for probe in diagnose({"tensorflow": Path("/nowhere/python")})}
    assert probes["user namespaces"].ok
    assert probes["seccomp"].detail == "refuses vsock"
    assert not probes["tensorflow"].ok
    assert "GRADPROOF_RUNTIME_TENSORFLOW" in (probes["tensorflow"].remedy or "")


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*.pt", "model.pt", True),
        ("*.pt", "a/model.pt", False),
        ("**/*.pt", "model.pt", True),
        ("**/*.pt", "a/b/model.pt", True),
        ("runs/**", "runs/a/b", True),
        ("runs/**", "other/a", False),
        ("a?[bc].txt", "axb.txt", True),
        ("a?[!bc].txt", "axb.txt", False),
        ("a.b", "axb", False),
    ],
)
def test_globs_match_as_pathlib_does(pattern: str, path: str, matches: bool) -> None:
    import re

    assert bool(re.fullmatch(glob_to_regex(pattern), path)) is matches


def test_evidence_is_read_frame_by_frame_and_never_guessed() -> None:
    def frame(payload: bytes) -> bytes:
        return len(payload).to_bytes(4, "big") + payload

    good, heard = frame(b'{"loss": 1.5}') + frame(b'{"loss": "nan"}'), []
    reader = EvidenceReader(heard.append)
    for byte in good:
        reader.add(bytes([byte]))
    assert reader.frames == heard == [{"loss": 1.5}, {"loss": "nan"}]
    for bad in (frame(b"[1]"), frame(b'{"a": NaN}'), frame(b"not json"), frame(b"[" * 100_000), b"\xff\xff\xff\xff"):
        reader = EvidenceReader()
        reader.add(good + bad + good)
        assert reader.malformed
        assert len(reader.frames) == 2


def test_what_is_not_finite_travels_as_a_string() -> None:
    inf = float("inf")
    assert _finite({1: [inf, -inf, 2.0, (True, None)]}) == {"1": ["inf", "-inf", 2.0, [True, None]]}
    assert _finite(float("nan")) == "nan"


def test_a_limit_must_be_positive() -> None:
    with pytest.raises(ValueError, match="greater than 0"):
        Limits(wall_s=0)


def test_an_interpreter_below_tmp_is_seen_and_cannot_be_written_to(tmp_path: Path) -> None:
    venv.create(tmp_path / "env", symlinks=True)
    own = {"python": tmp_path / "env" / "bin" / "python"}
    program = "import sys; print(sys.prefix); open(sys.prefix + '/planted', 'w')"
    with open_sandbox(runtimes=own) as sandbox:
        result = sandbox.run(Job(runtime="python", argv=["main.py"], files={"main.py": program}))
    assert result.stdout.strip() == str(tmp_path / "env")
    assert "Read-only file system" in result.stderr
    assert not (tmp_path / "env" / "planted").exists()


def test_files_that_were_given_are_no_artifacts_unless_they_were_changed(jail: Sandbox) -> None:
    files: dict[str, str | bytes] = {f"data/{n}.txt": "given" for n in range(210)}
    files["main.py"] = "open('made.txt', 'w').write('made'); open('data/7.txt', 'a').write(', changed')"
    result = jail.run(Job(runtime="python", argv=["main.py"], files=files, collect=["**/*"]))
    assert {one.path: one.content for one in result.artifacts} == {"made.txt": b"made", "data/7.txt": b"given, changed"}
    assert not result.limits_hit


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("import socket; a, b = socket.socketpair(); a.setblocking(False); a.recv(1)", []),
        ("import resource as r; r.setrlimit(r.RLIMIT_CPU, (1, 2))\nwhile True: pass", ["cpu"]),
        ("held = [open('/dev/null') for _ in range(2000)]", ["descriptors"]),
    ],
)
def test_a_limit_is_named_only_where_it_was_met(jail: Sandbox, code: str, names: list[str]) -> None:
    result = execute(jail, code, limits=Limits(wall_s=20))
    assert result.status in ("error", "killed")
    assert [hit.name for hit in result.limits_hit] == names
    assert all(hit.allowed > 0 for hit in result.limits_hit)


ENDS = {
    "an open file": ("held = open('out.txt', 'w'); held.write('kept')", "out.txt", b"kept"),
    "a file of a module": ("import helper", "helper.txt", b"helped"),
}


@pytest.mark.parametrize("what", ENDS)
def test_files_that_are_open_at_the_end_keep_what_was_written(jail: Sandbox, what: str) -> None:
    code, name, content = ENDS[what]
    helper = "file = open('helper.txt', 'w')\nfile.write('helped')"
    files: dict[str, str | bytes] = {"main.py": code, "helper.py": helper}
    result = jail.run(Job(runtime="python", argv=["main.py"], files=files, collect=["*.txt"]))
    assert {one.path: one.content for one in result.artifacts} == {name: content}


def test_an_archive_that_was_not_closed_is_whole(jail: Sandbox) -> None:
    code = "import zipfile; archive = zipfile.ZipFile('a.zip', 'w'); archive.writestr('x.txt', 'kept')"
    result = execute(jail, code, collect=["*.zip"])
    with zipfile.ZipFile(io.BytesIO(result.artifacts[0].content)) as archive:
        assert archive.read("x.txt") == b"kept"


def test_shared_memory_is_bounded_by_the_limit_on_memory(jail: Sandbox) -> None:
    code = """
    from multiprocessing import shared_memory
    block = shared_memory.SharedMemory(create=True, size=700 << 20)
    block.buf[-1] = 7
    print(__builtins__.len(block.buf) >= 700 << 20)
    block.close(); block.unlink()
    """
    assert execute(jail, code, limits=Limits(memory_mb=1000, disk_mb=64)).stdout == "True\n"
