"""Stand-ins for a GPU and its driver's libraries, and trees of files as a machine with GPUs has them.

The libraries are compiled from tests/data/gpu against NVIDIA's own headers where TensorFlow's package has them, so that
a structure read wrongly is a test that fails.
"""

import os
import shutil
import stat
import subprocess
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import pytest

from sandbox.local.gpu.devices import Gpu
from sandbox.local.gpu.nvml import Nvml

DATA = Path(__file__).parent / "data" / "gpu"
GPU_0, GPU_1 = (f"GPU-{uuid4()}" for _ in range(2))  # of this run of the tests: GPUs are claimed by name
PART_0, PART_1 = "MIG-00000000-0000-0000-0000-000000000000", "MIG-11111111-1111-1111-1111-111111111111"
GIB, MIB = 1 << 30, 1 << 20
TWO_CARDS = f"""driver 580.95.05 13000
gpu 0 {GPU_0} Card-0 {8 * GIB} {MIB}
gpu 1 {GPU_1} Card-1 {16 * GIB} {2 * MIB}
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="device files can be made by root alone")


def header(name):
    """NVIDIA's own, as TensorFlow's package brings it; None where it does not."""
    package = find_spec("tensorflow")
    folder = Path(package.submodule_search_locations[0]) if package else Path("/nowhere")
    return next(iter(sorted((folder / "include/third_party/gpus/cuda").rglob(name))), None)


def build(source, target, *options):
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler to make the stand-ins with")
    command = [compiler, "-Wall", "-Werror", "-Wno-enum-compare", "-shared", "-fPIC", f"-Wl,-soname,{target.name}"]
    subprocess.run([*command, *options, "-o", str(target), str(source)], check=True, timeout=60)


@pytest.fixture(scope="session")
def libraries(tmp_path_factory):
    """A folder with stand-ins for both of the driver's libraries, and one for the management library of an old one."""
    folder = tmp_path_factory.mktemp("driver")
    for source, name, known in (("nvml.c", "libnvidia-ml.so.1", "nvml.h"), ("cuda.c", "libcuda.so.1", "cuda.h")):
        found = header(known)
        macro = f'-D{known[:-2].upper()}_HEADER="{found}"'
        build(DATA / source, folder / name, *([macro] if found else []))
    build(DATA / "nvml.c", folder / "libnvidia-ml-old.so", "-DOLD")
    return folder


@pytest.fixture
def facts(tmp_path, monkeypatch):
    """What the stand-in says: a file that a test may write anew while it is asked."""
    file = tmp_path / "facts"
    file.write_text(TWO_CARDS, encoding="utf-8")
    monkeypatch.setenv("FAKE_NVML", str(file))
    return file


@pytest.fixture(params=["libnvidia-ml.so.1", "libnvidia-ml-old.so"])
def driver(request, libraries, facts):  # noqa: ARG001
    opened = Nvml(str(libraries / request.param))
    yield opened
    opened.close()


@pytest.fixture
def newest(libraries, facts):  # noqa: ARG001
    opened = Nvml(str(libraries / "libnvidia-ml.so.1"))
    yield opened
    opened.close()


def add(facts, *lines):
    facts.write_text(TWO_CARDS + "".join(f"{line}\n" for line in lines), encoding="utf-8")


def machine(root, *, nodes=(), files=None):
    """A tree with these device files and these texts."""
    for name in nodes:
        path = root / "dev" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        os.mknod(path, stat.S_IFCHR, os.makedev(1, 3))
        path.chmod(0o666)
    for name, text in (files or {}).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


SHARED = ("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools")
CAPS = "proc/driver/nvidia/capabilities"
PARTS = {
    f"{CAPS}/mig/config": "DeviceFileMinor: 1\nDeviceFileMode: 256\n",
    f"{CAPS}/gpu0/mig/gi3/access": "DeviceFileMinor: 30\nDeviceFileMode: 292\n",
    f"{CAPS}/gpu0/mig/gi3/ci0/access": "DeviceFileMinor: 31\n",
    f"{CAPS}/gpu0/mig/gi5/access": "DeviceFileMinor: 50\n",
    f"{CAPS}/gpu0/mig/gi5/ci1/access": "DeviceFileMinor: 51\n",
}
CAP_NODES = tuple(f"nvidia-caps/nvidia-cap{number}" for number in (1, 30, 31, 50, 51))


def cards(count):
    return [Gpu(index=index, name=f"Card-{index}", uuid=uuid) for index, uuid in enumerate((GPU_0, GPU_1)[:count])]
