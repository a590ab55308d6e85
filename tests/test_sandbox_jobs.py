"""Jobs that cannot be run are refused with a sentence; those that only look odd are run."""

import time
from collections.abc import Iterator

import pytest

from assistant.lint import lint
from assistant.scope.evasions import find_evasions
from sandbox.base import Sandbox
from sandbox.open import open_sandbox
from sandbox.schema import Job, Limits


@pytest.fixture(scope="module")
def jail() -> Iterator[Sandbox]:
    with open_sandbox() as opened:
        yield opened


def test_a_home_or_path_of_its_own_is_the_programs_business(jail: Sandbox) -> None:
    job = Job(runtime="python", argv=["a.py"], files={"a.py": ""}, env={"HOME": "/nowhere", "TMPDIR": "/nowhere"})
    assert jail.run(job).status == "ok"


def test_small_files_up_to_the_very_limits_fit(jail: Sandbox) -> None:
    files: dict[str, str | bytes] = {f"d{n}/f": "x" for n in range(230)} | {"a.py": ""}
    job = Job(runtime="python", argv=["a.py"], files=files, limits=Limits(disk_mb=1, inodes=480))
    assert jail.run(job).status == "ok"


BAD_JOBS = {
    "absolute": {"files": {"/etc/cron.d/x": "", "a.py": ""}},
    "parent": {"files": {"a/../../x": "", "a.py": ""}},
    "nul": {"files": {"a\0b": "", "a.py": ""}},
    "surrogate": {"files": {"a\udcff": "", "a.py": ""}},
    "too long": {"files": {"x" * 300: "", "a.py": ""}},
    "file in file": {"files": {"a.py": "", "a.py/b": ""}},
    "script elsewhere": {"files": {"a.py": ""}, "argv": ["../a.py"]},
    "argument": {"files": {"a.py": ""}, "argv": ["a.py", "\0"]},
    "variable": {"files": {"a.py": ""}, "env": {"A=B": "c"}},
    "surrogate argument": {"files": {"a.py": ""}, "argv": ["a.py", "\ud800"]},
    "too many": {"files": {"a.py": "", "b.py": ""}, "limits": Limits(inodes=10)},
    "too large": {"files": {"a.py": b"x" * (2 << 20)}, "limits": Limits(disk_mb=1)},
}


@pytest.mark.parametrize("what", BAD_JOBS)
def test_a_job_that_cannot_be_is_refused_with_a_sentence(jail: Sandbox, what: str) -> None:
    result = jail.run(Job(**{"runtime": "python", "argv": ["a.py"], **BAD_JOBS[what]}))
    assert result.status == "refused"
    assert (result.reason or "").endswith(".")


BURSTS = {
    "shift": "x = 1 << (1 << 40)\n",
    "string": "x = 'x' * (1 << 40)\n",
    "power": "x = 10 ** (10 ** 10)\n",
    "signs": "-" * 50_000 + "1\n",
    "brackets": "x = " + "[*" * 5000 + "y" + "]" * 5000 + "\n",
    "calls": "x = f" + "()" * 5000 + "\n",
    "nul": "x = 1\0\n",
}


@pytest.mark.parametrize("what", BURSTS)
def test_a_source_that_bursts_a_compiler_is_read_without_harm(what: str) -> None:
    """What reads sources on the host's side compiles none of them."""
    files = {"train.py": BURSTS[what]}
    started = time.monotonic()
    lint(files)
    find_evasions(files)
    assert time.monotonic() - started < 20
