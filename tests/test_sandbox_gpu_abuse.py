"""What a program can do with a real GPU that was given to it, and what it cannot. Without one there is nothing to try.

Fuzzing the driver's own calls is not among these: the kernel module answers a jailed program as it answers any other.
"""

import json
import sys
import time
from pathlib import Path

import pytest

from sandbox.local.gpu.devices import device_nodes, find_gpus
from sandbox.local.gpu.files import open_driver
from sandbox.runtime import describe
from sandbox.schema import Job, Limits
from sandbox.verify import verify

PROGRAMS = Path(__file__).parent / "data" / "gpu" / "programs"
TORCH = describe(Path(sys.executable)).versions.get("torch", "+cpu")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not device_nodes(), reason="there is no NVIDIA GPU on this machine"),
]
with_torch = pytest.mark.skipif(
    bool(device_nodes()) and TORCH.endswith("+cpu"), reason=f"PyTorch {TORCH} was not built for GPUs"
)
SETTLED_MB = 64


@pytest.fixture
def driver():
    opened = open_driver()
    yield opened
    opened.close()


@pytest.fixture
def run(sandbox):
    def run_one(name, *, runtime="pytorch", **limits):
        text = (PROGRAMS / name).read_text(encoding="utf-8")
        limits = Limits(**({"wall_s": 120, "memory_mb": 16384} | limits))
        return sandbox.run(Job(runtime=runtime, argv=[name], files={name: text}, gpu=True, limits=limits))

    return run_one


def used_mb(driver):
    return sum(driver.memory(one).used for one in driver.devices()) >> 20


def assert_settled(driver, before_mb):
    """Within two seconds the driver has taken back what the run had."""
    deadline = time.monotonic() + 2
    while used_mb(driver) > before_mb + SETTLED_MB and time.monotonic() < deadline:
        time.sleep(0.05)
    assert used_mb(driver) <= before_mb + SETTLED_MB


def assert_next_run_is_well(run):
    result = run("trains.py")
    assert (result.status, result.gpu.used, result.gpu.trouble) == ("ok", True, None), result.stderr


@with_torch
def test_memory_that_is_taken_and_held_is_a_limit_and_comes_back(run, driver):
    before = used_mb(driver)
    result = run("takes_all_memory.py", gpu_memory_mb=2048)
    assert result.status == "out_of_memory"
    assert result.limits_hit[0].name == "gpu_memory" and result.limits_hit[0].ended
    assert result.gpu.peak_memory_mb > 2048
    assert_settled(driver, before)
    assert_next_run_is_well(run)


@with_torch
def test_a_kernel_that_never_ends_ends_with_its_run_or_is_told_of(run, driver):
    before, started = used_mb(driver), time.monotonic()
    result = run("never_ends.py", wall_s=20)
    assert result.status == "timeout"
    assert time.monotonic() - started < 60
    if result.gpu.trouble is None:
        assert_settled(driver, before)
        assert_next_run_is_well(run)


@with_torch
def test_a_context_that_one_run_has_broken_is_not_the_next_ones(run):
    result = run("breaks_its_context.py")
    assert result.status in ("error", "killed") and "first" in result.stdout
    assert_next_run_is_well(run)


@with_torch
def test_what_one_run_wrote_to_the_gpus_memory_is_not_there_for_the_next(run):
    left = run("leaves_a_mark.py")
    assert left.stdout.split()[0] == "167", left.stderr
    found = run("seeks_the_mark.py")
    assert found.stdout.split()[0] == "0", found.stdout + found.stderr


def test_the_card_is_not_a_programs_to_control(run):
    result = run("controls_the_card.py", runtime="python")
    assert result.status == "ok", result.stderr
    answers = json.loads(result.stdout)
    assert answers and all(answer != 0 for answer in answers.values()), answers


def test_the_one_device_that_cuda_finds_is_the_runs_own(run, driver):
    seen = json.loads(run("looks.py", runtime="python").stdout)
    assert (seen["init"], seen["devices"]) == (0, 1)
    assert seen["visible"] in {one.visible for one in find_gpus(driver)}
    own = [path for path, answer in seen["opened"].items() if answer not in ("", "Permission denied")]
    assert len(own) <= 1


@with_torch
def test_training_on_the_gpu_is_told_apart_from_training_beside_it(sandbox):
    on, beside = (
        verify({"train.py": (PROGRAMS / name).read_text()}, framework="pytorch", sandbox=sandbox, repeat=False)
        for name in ("trains.py", "forgets_its_gpu.py")
    )
    assert (on.metrics.device, on.gpu.used, on.metrics.peak_gpu_memory_mb > 0) == ("cuda:0", True, True)
    assert "gpu-not-used" not in {one.id for one in on.findings}
    assert beside.metrics.device == "cpu"
    assert "gpu-not-used" in {one.id for one in beside.findings}


@with_torch
def test_compilers_work_and_what_they_make_is_gone_with_the_run(run):
    result = run("compiles.py", processes=512)
    assert result.status == "ok", result.stderr
    assert int(result.stdout) > 0
    assert run("leaves_the_gpu_alone.py").stdout.strip() == "0"


def test_the_doctor_finds_the_gpu_in_a_jail():
    from sandbox.doctor import diagnose

    probe = next(one for one in diagnose() if one.name == "gpu")
    assert probe.ok, f"{probe.detail}: {probe.remedy}"
