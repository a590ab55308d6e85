"""Runs on a machine with two GPUs that are stand-ins. What only a real GPU shows is in test_sandbox_gpu_abuse.py."""

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from gpus import DATA, GPU_0, GPU_1, MIB, TWO_CARDS
from sandbox_backends import as_user


def stand_in(libraries, tmp_path, *arguments, become=()):
    """Run tests/data/gpu/scenario.py on a machine with two cards, as far as files go."""
    if os.geteuid() != 0 or shutil.which("bwrap") is None:
        pytest.skip("a stand-in machine takes root and bubblewrap")
    if not Path("/opt").is_dir():
        pytest.skip("there is no /opt to put the driver's libraries in")
    only = tmp_path / "libraries"
    only.mkdir()
    for name in ("libnvidia-ml.so.1", "libcuda.so.1"):
        shutil.copy(libraries / name, only)
    (only / "facts").write_text(TWO_CARDS + f"open {100 * MIB}\n", encoding="utf-8")
    environment = {**os.environ, "FAKE_NVML": "/opt/nvidia/lib64/facts", "LD_LIBRARY_PATH": "/opt/nvidia/lib64"}
    command = ["unshare", "--mount", "--propagation", "private", sys.executable, str(DATA / "machine.py"), str(only)]
    done = subprocess.run(
        [*command, *become, sys.executable, str(DATA / "scenario.py"), *arguments],
        env=environment, capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module", params=["root", pytest.param("user", marks=pytest.mark.slow)])
def two_cards(request, libraries, tmp_path_factory):
    """What became of the runs of scenario.py, where root and where an ordinary user has opened the sandbox."""
    become = as_user() if request.param == "user" else []
    return stand_in(libraries, tmp_path_factory.mktemp("machine"), "runs", become=become)


OWN = {"/dev/nvidiactl": 5, "/dev/nvidia-uvm": 5, "/dev/nvidia-uvm-tools": 5, "/dev/nvidia0": 5}
"""Minors of what the stand-ins are made of; 7 is that of the other card."""
GONE = "No such file or directory"


def test_a_run_has_its_own_gpu_and_no_other(two_cards):
    seen = two_cards["given"]["seen"]
    assert seen["nodes"] == OWN
    assert seen["opened"] == {"/dev/nvidia0": "00", "/dev/nvidia1": GONE}
    assert (seen["init"], seen["devices"], seen["visible"]) == (0, 1, GPU_0)
    assert seen["sys"] == ["bus", "devices"]


def test_a_run_that_asks_for_none_has_none(two_cards):
    result = two_cards["without"]
    assert result["seen"]["nodes"] == {}
    assert (result["gpu"], result["seen"]["init"], result["seen"]["visible"]) == (None, 100, "")


@pytest.mark.parametrize("which", ["given", "without", "tier_b"])
def test_what_is_no_gpus_in_dev_is_as_ever(two_cards, which):
    seen = two_cards[which]["seen"]
    assert (seen["shared"], seen["plain"]) == (7, ["00", True, ""])
    assert seen["makes"] in ("Permission denied", "Read-only file system")


def test_where_walls_cannot_be_raised_the_other_gpu_is_refused(two_cards):
    seen = two_cards["tier_b"]["seen"]
    assert seen["nodes"] == OWN | {"/dev/nvidia1": 7}
    assert seen["opened"] == {"/dev/nvidia0": "00", "/dev/nvidia1": "Permission denied"}
    assert seen["devices"] == 1


def test_the_use_of_a_gpu_is_told_by_the_driver(two_cards):
    used, idle = two_cards["given"]["gpu"], two_cards["idle"]["gpu"]
    assert (used["uuid"], used["used"], used["peak_memory_mb"], used["trouble"]) == (GPU_0, True, 300.0, None)
    assert (idle["used"], idle["peak_memory_mb"]) == (False, 0.0)


def test_a_run_that_takes_too_much_of_the_gpus_memory_is_ended(two_cards):
    result = two_cards["greedy"]
    assert (result["status"], result["reason"]) == (
        "out_of_memory",
        "It used 300 MB of the GPU's memory; its limit is 150 MB.",
    )
    assert result["limits_hit"] == [{"name": "gpu_memory", "allowed": 150.0, "used": 300.0, "ended": True}]


def test_of_three_runs_at_once_two_have_a_gpu_each_and_the_third_comes_after(two_cards):
    uuids = [one["gpu"]["uuid"] for one in two_cards["together"]]
    assert set(uuids) == {GPU_0, GPU_1}
    assert all(one["status"] == "ok" and one["seen"]["devices"] == 1 for one in two_cards["together"])
    twice = [one["seen"]["until"] for one in two_cards["together"] if uuids.count(one["gpu"]["uuid"]) == 2]
    assert max(twice) - min(twice) > 0.5


def test_an_interpreter_that_has_initialised_cuda_is_never_forked(libraries, tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "env")], check=True, timeout=60)
    site = next((tmp_path / "env" / "lib").glob("python*")) / "site-packages"
    lines = ["import ctypes, os", 'os.environ["CUDA_VISIBLE_DEVICES"] = "0"', 'ctypes.CDLL("libcuda.so.1").cuInit(0)']
    (site / "numpy.py").write_text("\n".join(lines), encoding="utf-8")  # a package that uses CUDA when it is imported
    told = stand_in(libraries, tmp_path, "refused", str(tmp_path / "env" / "bin" / "python"))
    assert "initialised CUDA" in told


def test_the_doctor_starts_cuda_in_a_jail(two_cards):
    probe = two_cards["probes"]["gpu"]
    assert probe["ok"]
    assert "580.95.05" in probe["detail"] and "Card 0 with 8192 MB, Card 1 with 8192 MB" in probe["detail"]


def test_the_doctor_names_a_framework_that_would_leave_the_gpu_alone(two_cards):
    named = two_cards["probes"].get("pytorch on the GPU")
    if find_spec("torch") is None or named is None:
        pytest.skip("PyTorch here is a build for GPUs")
    assert "--index-url https://download.pytorch.org/whl/cu130" in named["remedy"]


@pytest.mark.slow
def test_a_program_that_falls_back_to_the_cpu_is_found_out(libraries, tmp_path):
    report = stand_in(libraries, tmp_path, "checks")
    if report["metrics"]["device"] != "cpu":
        pytest.skip("PyTorch here is a build for GPUs, which is not taken in by a stand-in")
    found = {one["id"]: one for one in report["findings"]}
    assert (found["gpu-not-used"]["severity"], found["gpu-not-used"]["line"]) == ("warning", 6)
    assert (report["gpu"]["used"], report["metrics"]["peak_gpu_memory_mb"]) == (False, 0.0)
