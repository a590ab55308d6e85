"""What the doctor says of GPUs, and the command that mends it."""

import json

import pytest
from gpus import SHARED, add, as_root, machine

from sandbox.local.gpu import nvml
from sandbox.local.gpu.diagnose import build_remedy, diagnose_gpu
from sandbox.local.gpu.nvml import DriverError, Nvml

VERSION = {"proc/driver/nvidia/version": "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.95.05  Tue Sep 23\n"}
CARD = {"sys/bus/pci/devices/0000:01:00.0/vendor": "0x10de\n", "sys/bus/pci/devices/0000:01:00.0/class": "0x030200\n"}
ALL_NODES = (*SHARED, "nvidia0")


def look(**answer):
    return lambda: json.dumps(answer)


@as_root
@pytest.mark.parametrize(
    ("nodes", "files", "answer", "ok", "detail", "remedy"),
    [
        ((), {}, {}, True, "no NVIDIA device", None),
        ((), CARD, {}, False, "its driver is not loaded", "modprobe nvidia"),
        ((), VERSION, {}, False, "580.95.05 is loaded, and its device files are missing", "nvidia-modprobe -c 0 -u"),
        (("nvidiactl", "nvidia0"), VERSION, {}, False, "/dev/nvidia-uvm is missing", "nvidia-modprobe -c 0 -u"),
        (ALL_NODES, VERSION, {"missing": "libcuda.so.1: no such file"}, False, "no CUDA library", "libcuda1"),
        (ALL_NODES, VERSION, {"code": 803, "name": "X"}, False, "CUDA does not start in a jail (X)", "restart"),
        (ALL_NODES, VERSION, {"code": 999, "name": "X"}, False, "CUDA does not start", "modprobe nvidia_uvm"),
        (ALL_NODES, VERSION, {"code": 802, "name": "X"}, False, "CUDA does not start", "nvidia-fabricmanager"),
        (ALL_NODES, VERSION, {"code": 77, "name": "X"}, False, "CUDA does not start", "dmesg"),
        (ALL_NODES, VERSION, {"code": 0, "devices": []}, False, "finds no device", "nvidia-smi"),
        (ALL_NODES, VERSION, {"code": 0, "devices": [{"name": "L4", "memory_mb": 99}]}, True, "L4 with 99 MB", None),
    ],
)  # fmt: skip
def test_the_doctor_says_what_is_missing_and_what_mends_it(tmp_path, nodes, files, answer, ok, detail, remedy):
    def missing():
        raise DriverError(nvml.NO_LIBRARY, "there is none")

    found = diagnose_gpu(look(**answer), root=machine(tmp_path, nodes=nodes, files=files), nvml=missing)
    assert found.ok is ok
    assert detail in found.detail
    assert remedy in found.remedy if remedy else found.remedy is None


@as_root
def test_the_doctor_tells_of_device_files_that_only_root_may_open(tmp_path):
    root = machine(tmp_path, nodes=ALL_NODES, files=VERSION)
    (root / "dev/nvidia0").chmod(0o660)
    found = diagnose_gpu(look(), root=root)
    assert not found.ok and "/dev/nvidia0" in found.detail
    assert "chmod 0666" in found.remedy


@as_root
def test_the_doctor_tells_a_library_that_does_not_fit_the_module(tmp_path, libraries, facts):
    add(facts, "fail nvmlInit_v2 18")
    root = machine(tmp_path, nodes=ALL_NODES, files=VERSION)
    found = diagnose_gpu(look(), root=root, nvml=lambda: Nvml(str(libraries / "libnvidia-ml.so.1")))
    assert not found.ok and "580.95.05" in found.detail
    assert "restart the machine" in found.remedy


@pytest.mark.parametrize(
    ("runtime", "versions", "modules", "cuda", "remedy"),
    [
        ("pytorch", {"torch": "2.13.0+cpu"}, (), (13, 1), "torch==2.13.0 --index-url https://download.pytorch.org/whl/cu130"),
        ("pytorch", {"torch": "2.13.0+cpu"}, (), (12, 4), "whl/cu126"),
        ("pytorch", {"torch": "2.13.0+cu130"}, (), (13, 1), None),
        ("pytorch", {"torch": "2.13.0+cpu"}, (), None, None),
        ("tensorflow", {"tensorflow": "2.21.0"}, ("nvidia",), (13, 1), None),
        ("tensorflow", {"tensorflow-cpu": "2.21.0"}, ("nvidia",), (13, 1), "'tensorflow[and-cuda]==2.21.0'"),
    ],
)  # fmt: skip
def test_the_command_for_a_build_for_gpus_fits_the_driver(runtime, versions, modules, cuda, remedy):
    found = build_remedy(runtime, "/opt/python", versions, modules, cuda)
    assert found is None if remedy is None else remedy in found
