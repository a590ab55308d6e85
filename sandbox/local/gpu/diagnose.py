"""What the doctor finds about GPUs, and the command that mends what is missing.

The driver is tried for real: its library initialises CUDA inside a jail, as a run would.
"""

import json
import os
from collections.abc import Callable, Container
from pathlib import Path
from typing import Any, NamedTuple

from sandbox.errors import SandboxError
from sandbox.local.gpu.devices import WSL_NODE, Gpu, device_nodes, find_gpus
from sandbox.local.gpu.files import driver_module, library_folder, open_driver
from sandbox.local.gpu.nvml import NO_LIBRARY, VERSION_MISMATCH, DriverError, Nvml

LOOK = """
import json, sys
sys.path.insert(0, {inside!r})
from gradproof_inside import cuda
print(json.dumps(cuda.look()))
"""
_NVIDIA_VENDOR, _DISPLAY_CLASS = "0x10de", "0x03"
_MAKE_NODES = (
    "nvidia-modprobe -c 0 -u (as root), which makes the device files; 'apt-get install nvidia-modprobe' has it"
)
_OPEN_NODES = "chmod 0666 /dev/nvidia*, and for good the driver's option 'options nvidia NVreg_DeviceFileMode=0666'"
_INSTALL_LIBRARY = (
    "install the driver's CUDA library in the module's version: 'apt-get install libcuda1' on Debian, "
    "'apt-get install libnvidia-compute-<version>' on Ubuntu; in a container start it with '--gpus all'"
)
_REMEDIES = {
    3: "load the module for unified memory: 'modprobe nvidia-uvm && nvidia-modprobe -u' (as root)",
    46: "another process has the GPU to itself; end it, or 'nvidia-smi -c DEFAULT' (as root)",
    100: "no GPU answers: look at 'nvidia-smi', and load the driver with 'modprobe nvidia' (as root)",
    304: "the driver was refused a file that it needs; look for 'NVRM' in 'dmesg'",
    802: "start the fabric manager: 'systemctl start nvidia-fabricmanager' (as root)",
    803: "the library and the kernel's module are of different versions: restart the machine, or reload the module",
    804: "the library is newer than this GPU's driver may be; remove the CUDA compatibility package",
    999: "reload the module for unified memory: 'rmmod nvidia_uvm && modprobe nvidia_uvm' (as root)",
}
_TORCH_BUILDS = (((13, 0), "cu130"), ((12, 8), "cu129"), ((12, 6), "cu126"))
"""The newest CUDA that the driver knows -> the builds of PyTorch that it runs, best first."""


class Finding(NamedTuple):
    ok: bool
    detail: str
    remedy: str | None = None


def diagnose_gpu(
    try_cuda: Callable[[], str], *, root: Path = Path("/"), nvml: Callable[[], Nvml] = open_driver
) -> Finding:
    """`try_cuda` runs LOOK in a jail that sees this machine's GPUs, and gives its output."""
    nodes = device_nodes(root=root)
    if not nodes:
        return _without_nodes(root)
    if f"/dev/{WSL_NODE}" not in nodes and "/dev/nvidia-uvm" not in nodes:
        return Finding(
            False, "the device file /dev/nvidia-uvm is missing, without which CUDA does not start", _MAKE_NODES
        )
    if closed := [node for node in nodes if _closed(root / node.lstrip("/"))]:
        return Finding(False, f"only root may open {closed[0]}, and no program runs as root", _OPEN_NODES)
    try:
        driver = nvml()
    except DriverError as error:
        if error.code == VERSION_MISMATCH:
            return Finding(
                False, f"the module is {driver_module(root=root)}, its library another version", _REMEDIES[803]
            )
        if error.code != NO_LIBRARY:
            return Finding(False, f"the driver cannot be asked: {error}", _REMEDIES[100])
        return _tried(try_cuda, f"driver {driver_module(root=root)}", find_gpus(None, root=root), root)
    try:
        version = f"driver {driver.driver_version()}, CUDA up to {'.'.join(map(str, driver.cuda_version()))}"
        return _tried(try_cuda, version, find_gpus(driver, root=root), root)
    finally:
        driver.close()


def cuda_version(nvml: Callable[[], Nvml] = open_driver) -> tuple[int, int] | None:
    """The newest CUDA of this machine's driver; None where there is none to be asked."""
    if not device_nodes():
        return None
    try:
        driver = nvml()
        try:
            return driver.cuda_version()
        finally:
            driver.close()
    except DriverError:
        return None


def build_remedy(
    runtime: str, executable: str, versions: dict[str, str], modules: Container[str], cuda: tuple[int, int] | None
) -> str | None:
    """The command that installs a framework's build for GPUs, where this machine has one and only a CPU build is there.

    `versions` are those of the installed distributions, `modules` what can be imported: NVIDIA's libraries come as
    packages of one name, or with the system.
    """
    if cuda is None:
        return None
    pip = f"{executable} -m pip install"
    if runtime == "pytorch" and versions.get("torch", "").endswith("+cpu"):
        build = next((name for needed, name in _TORCH_BUILDS if cuda >= needed), _TORCH_BUILDS[-1][1])
        version, index = versions["torch"].removesuffix("+cpu"), f"https://download.pytorch.org/whl/{build}"
        return f"{pip} --force-reinstall torch=={version} --index-url {index}"
    if runtime == "tensorflow":
        name = "tensorflow-cpu" if "tensorflow-cpu" in versions else "tensorflow"
        if name in versions and (name == "tensorflow-cpu" or not ("nvidia" in modules or _in_loader_cache("libcudnn"))):
            return f"{pip} 'tensorflow[and-cuda]=={versions[name]}'"
    return None


def _in_loader_cache(library: str) -> bool:
    cache = Path("/etc/ld.so.cache")
    return cache.is_file() and library.encode() in cache.read_bytes()


def _closed(node: Path) -> bool:
    """Whether a program that root starts, which runs as another user, may not open it."""
    return os.geteuid() == 0 and node.stat().st_mode & 0o006 != 0o006


def _without_nodes(root: Path) -> Finding:
    if (version := driver_module(root=root)) is not None:
        return Finding(False, f"driver {version} is loaded, and its device files are missing", _MAKE_NODES)
    if _has_card(root):
        detail = "there is an NVIDIA card, and its driver is not loaded; programs run on the CPU"
        return Finding(False, detail, "install NVIDIA's driver, or load it: 'modprobe nvidia' (as root)")
    return Finding(True, "no NVIDIA device on this machine; programs run on the CPU")


def _has_card(root: Path) -> bool:
    def reads(device: Path, name: str) -> str:
        return (device / name).read_text(errors="replace") if (device / name).is_file() else ""

    devices = (root / "sys/bus/pci/devices").glob("*")
    return any(
        reads(one, "vendor").startswith(_NVIDIA_VENDOR) and reads(one, "class").startswith(_DISPLAY_CLASS)
        for one in devices
    )


def _tried(try_cuda: Callable[[], str], version: str, gpus: list[Gpu], root: Path) -> Finding:
    try:
        seen: dict[str, Any] = json.loads(try_cuda())
    except (SandboxError, ValueError) as error:
        return Finding(False, f"{version}: CUDA could not be tried in a jail: {error}", None)
    if "missing" in seen:
        where = library_folder(root=root)
        detail = f"{version}: a program finds no CUDA library ({seen['missing']})"
        return Finding(False, f"{detail}, though one is in {where}" if where else detail, _INSTALL_LIBRARY)
    if seen["code"]:
        remedy = _REMEDIES.get(seen["code"], "look for 'NVRM' in 'dmesg'")
        return Finding(False, f"{version}: CUDA does not start in a jail ({seen['name']})", remedy)
    names = [f"{one['name']} with {one['memory_mb']} MB" for one in seen["devices"]]
    if not names:
        return Finding(False, f"{version}: CUDA starts in a jail, and finds no device", _REMEDIES[100])
    parts = (
        f" ({sum(one.divided for one in gpus)} parts that a run can be given)" if any(g.divided for g in gpus) else ""
    )
    return Finding(True, f"{version}; in a jail: {', '.join(names)}{parts}")
