"""Hostile programs that leave something for the next run, which is forked from the same interpreter."""

import os
import tempfile
import threading
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from sandbox_abuse import GREEN, Attempt, Stage, cases, job
from sandbox_backends import backends

from sandbox.base import Sandbox
from sandbox.errors import SandboxError
from sandbox.open import open_sandbox
from sandbox.schema import ExecResult, Job

CASES, case = cases()


def passing_on(stage: Stage) -> Attempt:
    """What one run leaves, and what two later ones find."""
    before = set(Path("/dev/shm").iterdir())
    left = stage.execute("leaves_traces.py")
    assert left.stdout.endswith("left"), left
    found = [stage.execute("finds_traces.py") for _ in range(2)]
    assert [result.status for result in found] == ["ok", "ok"], found
    said = [dict(line.split(" ", 1) for line in result.stdout.splitlines()) for result in found]
    return Attempt(left, {"said": said, "host": set(Path("/dev/shm").iterdir()) - before})


@case("I1")
def no_file_is_left_for_the_next_run(stage: Stage) -> None:
    seen = stage.once(passing_on).seen
    assert [said["traces"] for said in seen["said"]] == ["[]", "[]"]
    assert not [path for path in seen["host"] if "trace" in path.name]


@case("I1 closed")
def folders_that_a_run_has_closed_are_opened_again(stage: Stage) -> None:
    result = stage.execute("closes_its_folders.py", collect=["*.txt"])
    assert (result.status, result.stdout) == ("ok", "closed\n"), result
    found = stage.execute("finds_what_was_written.py")
    assert found.stdout == "looked\n"


@case("I2")
def changed_modules_are_the_runs_own(stage: Stage) -> None:
    expected = "[3] True (0.6666666666666666, 1.0, 1) 3.0"
    assert [said["modules"] for said in stage.once(passing_on).seen["said"]] == [expected] * 2
    assert {said["process"].split()[0] for said in stage.once(passing_on).seen["said"]} == {"0o22"}
    assert {said["process"].split()[1] for said in stage.once(passing_on).seen["said"]} == {str(os.nice(0))}


@case("I3")
def names_of_shared_things_are_the_runs_own(stage: Stage) -> None:
    attempt = stage.once(passing_on)
    assert attempt.of("I3")["named memory"] in ("DONE 'named-trace'", "EACCES")
    assert not {"message queue", "System V memory", "key"} & set(attempt.worked("I3"))
    assert "SysV" not in Path("/proc/sysvipc/shm").read_text()
    assert attempt.seen["said"][0]["traces"] == "[]"


@case("I3 namespaces")
def namespaces_are_the_runs_own(stage: Stage) -> None:
    """Numbers of namespaces are given again: only those of runs at the same time can be told apart by them."""
    seen: list[ExecResult] = []
    look = job("looks_at_its_namespaces.py")
    runs = [threading.Thread(target=lambda: seen.append(stage.run(look))) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    first, second = (dict(line.split() for line in result.stdout.splitlines()) for result in seen)
    for name in ("ipc", "mnt", "net", "pid", "user", "uts"):
        assert first[name] != os.readlink(f"/proc/self/ns/{name}") != second[name]  # noqa: PTH115
        if stage.name in ("A", "A-user"):
            assert first[name] != second[name], name


@case("I7")
def generators_do_not_repeat_themselves(stage: Stage) -> None:
    drawn = [said["random"].split() for said in stage.once(passing_on).seen["said"]]
    assert drawn[0][0] != drawn[1][0]
    assert drawn[0][1] != drawn[1][1]
    assert drawn[0][2] == drawn[1][2], "the seed of hashes is fixed on purpose"


@pytest.mark.parametrize("name", CASES)
@backends(quick=("A", "A-user", "B"))
def test_a_run_finds_nothing_of_an_earlier_one(stage: Stage, name: str) -> None:
    stage.check(name, CASES)


ODD = {
    "I4 at start": "import mmap\nkept = mmap.mmap(-1, 4096)",
    "I6": """
import os
fork, left = os.fork, [3]
def failing():
    left[0] -= 1
    if left[0] < 0:
        raise BlockingIOError(11, "Resource temporarily unavailable")
    return fork()
os.fork = failing
""",
    "I9": "import threading, time\nthreading.Thread(target=time.sleep, args=(1000,), daemon=True).start()",
    "I10": "import sys\nsys.stdout.write('half a line')\nsys.stderr.write('half a line')",
}
"""What a module does that is imported before the fork, and should not."""
TOLD = {"I4 at start": "mapped writable memory", "I9": "started 1 threads"}


@pytest.fixture
def odd_environment() -> Iterator[Path]:
    """An environment to put such a module into. Not below /tmp, where no interpreter may lie in tier B."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        venv.create(Path(folder, "env"), symlinks=True)
        yield Path(folder, "env")


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("tier", ["A", "B"])
def test_an_odd_interpreter_is_refused_replaced_or_does_no_harm(
    name: str, tier: Literal["A", "B"], odd_environment: Path
) -> None:
    packages = next((odd_environment / "lib").glob("python*/site-packages"))
    (packages / "numpy.py").write_text(ODD[name])
    with open_sandbox(tier=tier, runtimes={"python": odd_environment / "bin" / "python"}) as sandbox:
        if name in TOLD:
            with pytest.raises(SandboxError, match=TOLD[name]):
                sandbox.run(GREEN)
        else:
            results = [sandbox.run(GREEN) for _ in range(8)]
            assert {(result.stdout, result.stderr) for result in results} == {("green\n", "")}


CUDA = "I11"


@pytest.mark.parametrize("name", [CUDA])
def test_an_interpreter_does_not_initialise_cuda(name: str, sandbox: Sandbox) -> None:  # noqa: ARG001
    program = "import torch\nprint(torch.cuda.is_initialized(), torch.cuda._is_in_bad_fork())"
    result = sandbox.run(Job(runtime="pytorch", argv=["a.py"], files={"a.py": program}))
    assert result.stdout == "False False\n", result
