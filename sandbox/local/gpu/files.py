"""What of the machine CUDA reads beside its device files: the driver's libraries, and a little of /sys.

gVisor's and NVIDIA's own containers show how little that is: of /sys the processors, the memory nodes and the folders
of the GPUs. No serial number, no network card and no control group lies below these.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from sandbox.local.gpu.devices import DRIVER, device_nodes
from sandbox.local.gpu.nvml import MANAGEMENT, NO_LIBRARY, DriverError, Nvml

_LIBRARY = "libcuda.so.1"
_LIBRARIES = re.compile(
    r"lib(cuda|cudadebugger|nvidia-(ml|ptxjitcompiler|nvvm|gpucomp|fatbinaryloader|allocator|tileiras|pkcs11.*))\.so.*"
    r"|libdxcore\.so|libd3d12(core)?\.so"
)
_LIBRARY_FOLDERS = (
    "usr/lib/wsl/lib",
    "usr/lib/x86_64-linux-gnu",
    "usr/lib/aarch64-linux-gnu",
    "usr/lib64",
    "usr/lib",
    "usr/local/nvidia/lib64",
    "usr/local/lib",
    "run/opengl-driver/lib",
    "home/kubernetes/bin/nvidia/lib64",
    "opt/nvidia/lib64",
)
_SYS = ("sys/devices/system/cpu", "sys/devices/system/node", "sys/bus/pci/devices")
_MODPROBE = ("usr/bin/nvidia-modprobe", "usr/sbin/nvidia-modprobe")
_ROOT = Path("/")


def open_driver(*, root: Path = _ROOT) -> Nvml:
    """The driver's management library, also from where the loader would not look. Raises DriverError without one."""
    try:
        return Nvml()
    except DriverError as error:
        folder = library_folder(root=root)
        if error.code != NO_LIBRARY or folder is None:
            raise
        return Nvml(str(root / folder.lstrip("/") / MANAGEMENT))


def gpu_files(*, root: Path = _ROOT) -> list[str]:
    """Files and folders that CUDA reads and that are in no other part of the view, each to be seen at its own place."""
    if not device_nodes(root=root):
        return []
    folders = [name for name in _SYS if (root / name).is_dir()]
    folders += [str(path.relative_to(root)) for path in _pci_folders(root)]
    return [f"/{name}" for name in folders] + _libraries_elsewhere(root)


def hidden_files(*, root: Path = _ROOT) -> list[str]:
    """The driver's helper that makes device files: in a jail it fails, and CUDA would give up where it does."""
    return [f"/{name}" for name in _MODPROBE if (root / name).is_file()] if device_nodes(root=root) else []


def library_path(*, root: Path = _ROOT) -> str | None:
    """The folder for LD_LIBRARY_PATH where the loader would not find the driver's libraries by itself."""
    folder = library_folder(root=root)
    cache = root / "etc/ld.so.cache"
    if folder is None or not device_nodes(root=root):
        return None
    known = cache.read_bytes() if cache.is_file() else b""
    return None if f"{folder}/{_LIBRARY}".encode() in known else folder


def library_folder(*, root: Path = _ROOT) -> str | None:
    """Where the driver's libraries lie; None where they are missing."""
    wanted = [part.strip("/") for part in os.environ.get("LD_LIBRARY_PATH", "").split(":") if part.startswith("/")]
    return next((f"/{name}" for name in (*wanted, *_LIBRARY_FOLDERS) if (root / name / _LIBRARY).exists()), None)


def driver_module(*, root: Path = _ROOT) -> str | None:
    """The version of the kernel's module; None where it is not loaded."""
    path = root / DRIVER / "version"
    found = (
        re.search(r"Kernel Module.*?(\d+\.\d+(\.\d+)?)", path.read_text(errors="replace")) if path.is_file() else None
    )
    return found[1] if found else None


def _pci_folders(root: Path) -> Iterable[Path]:
    for entry in sorted((root / DRIVER / "gpus").glob("*")):
        device = root / "sys/bus/pci/devices" / entry.name
        if device.is_dir():
            yield device.resolve()


def _libraries_elsewhere(root: Path) -> list[str]:
    """The driver's libraries, where they are not below /usr, which is in every view."""
    folder = library_folder(root=root)
    if folder is None or folder.startswith("/usr/"):
        return []
    names = sorted(path.name for path in (root / folder.lstrip("/")).iterdir() if _LIBRARIES.fullmatch(path.name))
    return [f"{folder}/{name}" for name in names]
