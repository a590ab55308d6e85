"""What honest programs do works in every back end: nobody contains hostile ones by breaking everything."""

import shutil
import subprocess
from pathlib import Path

import pytest
from sandbox_abuse import Stage
from sandbox_backends import backends

from sandbox.schema import Job, Limits

BENIGN = Path(__file__).parent / "data" / "benign"
TOGETHER = {
    "fork": "0 7000.0",
    "spawn": "0 7000.0",
    "queue": "through 5",
    "sqlite": "328350.0",
    "asyncio": "(b'', b'3', [0, 1, 2])",
    "threads": "3200.0",
    "native": "42",
    "temporary": "True []",
    "socketpair": "b'local' []",
    "alarm": "",
    "pipeline": "['A', 'B']",
    "timer": "",
    "array": "1500",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler here to make a library with")
    folder = tmp_path_factory.mktemp("library")
    (folder / "twice.c").write_text("int twice(int x) { return 2 * x; }")
    command = [compiler, "-shared", "-fPIC", "-o", str(folder / "twice.so"), str(folder / "twice.c")]
    subprocess.run(command, check=True, timeout=60)
    return (folder / "twice.so").read_bytes()


@backends()
def test_processes_databases_loops_and_native_code_work(stage: Stage, library: bytes) -> None:
    files = {"works_together.py": (BENIGN / "works_together.py").read_text(encoding="utf-8"), "twice.so": library}
    limits = Limits(wall_s=60, memory_mb=4096)
    job = Job(runtime="python", argv=["works_together.py", "./twice.so"], files=files, limits=limits)
    result = stage.run(job)
    assert result.status == "ok", result
    assert dict((*line.split(" ", 1), "")[:2] for line in result.stdout.splitlines()) == TOGETHER
    assert 1500 <= result.peak_memory_mb < 2200
    assert result.limits_hit == []


@pytest.mark.slow
@backends(quick=("A", "A-user", "B", "C", "docker"))
@pytest.mark.parametrize(
    ("runtime", "name", "said"),
    [
        ("pytorch", "shares_tensors.py", ["shared 2000.0 True", "queue 5.0", *["loader 4950.0"] * 2, "compiled 8.0"]),
        ("pytorch", "trains_torch.py", ["trained 4"]),
        ("tensorflow", "feeds_keras.py", ["fitted 2"]),
        ("tensorflow", "trains_keras.py", ["trained 2"]),
    ],
)
def test_a_framework_shares_loads_compiles_and_logs(stage: Stage, runtime: str, name: str, said: list[str]) -> None:
    files = {name: (BENIGN / name).read_text(encoding="utf-8")}
    collect = ["**/events.out.tfevents.*"]
    result = stage.run(Job(runtime=runtime, argv=[name], files=files, collect=collect))  # type: ignore[arg-type]
    assert result.status == "ok", result
    assert result.stdout.splitlines()[-len(said) :] == said
    assert len(result.artifacts) == (name != "shares_tensors.py")
