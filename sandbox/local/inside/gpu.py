"""A run's one GPU: the device files of every other are gone, and the driver is told to leave device files alone.

None of this is CUDA: nothing here opens a device.
"""

import os
import re

from . import linux

_NODE = re.compile(r"nvidia(ctl|\d+|-uvm|-uvm-tools|-caps/nvidia-cap\d+)|dxg")
_PARAMS = "/proc/driver/nvidia/params"
_MAKES_NODES = re.compile(r"^(ModifyDeviceFiles:\s*)1", re.MULTILINE)
_READ_ONLY, _REMOUNT = 1, 32


def assign(files: list[str], *, dev: str = "/dev") -> None:
    """Leave of all device files in this mount namespace these alone, where NVIDIA's are among the others.

    CUDA passes over a GPU whose file is missing, as it does in containers; a file that opens and answers wrongly may be
    a fault to it. So /dev is made anew. Needs the right to mount; who lacks it cannot get the others back.
    """
    if not set(_device_files(dev)) - set(files):
        return
    folder = f"{dev}/shm"
    kept = {path: linux.copy_mount(path) for path in files}
    shared = linux.copy_mount(folder) if os.path.isdir(folder) else None  # noqa: PTH112
    links = {entry.path: os.readlink(entry.path) for entry in os.scandir(dev) if entry.is_symlink()}  # noqa: PTH115
    flags = linux.MS_NOSUID | linux.MS_NOEXEC
    linux.mount("tmpfs", dev, flags=flags, options="size=64k,nr_inodes=256,mode=0755")
    for path, copied in kept.items():
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        linux.attach_mount(copied, path)
    for path, target in links.items():
        os.symlink(target, path)  # noqa: PTH211
    if shared is not None:
        os.mkdir(folder)  # noqa: PTH102
        linux.attach_mount(shared, folder)
    linux.mount("tmpfs", dev, flags=flags | _REMOUNT | _READ_ONLY)


def keep_device_files(folder: str, *, params: str = _PARAMS) -> None:
    """Show the driver's settings without the one that has its libraries make and mend device files.

    In a user namespace root's files belong to nobody, which to the libraries looks like a fault to mend. They cannot,
    and CUDA would give up. `folder` is a writable one for the text, which is gone from there afterwards. Needs the
    right to mount, and the /proc of the run to be in place.
    """
    try:
        with open(params, encoding="utf-8") as file:  # noqa: PTH123
            text = file.read()
    except OSError:
        return
    if not _MAKES_NODES.search(text):
        return
    copy = f"{folder}/.params"
    with open(copy, "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(_MAKES_NODES.sub(r"\g<1>0", text))
    linux.attach_mount(linux.copy_mount(copy), params)
    os.unlink(copy)  # noqa: PTH108


def _device_files(dev: str) -> list[str]:
    found = []
    for folder, prefix in ((dev, ""), (f"{dev}/nvidia-caps", "nvidia-caps/")):
        names = os.listdir(folder) if os.path.isdir(folder) else []  # noqa: PTH112, PTH208
        found += [f"{folder}/{name}" for name in sorted(names) if _NODE.fullmatch(prefix + name)]
    return found
