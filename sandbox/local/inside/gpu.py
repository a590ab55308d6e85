"""A run's one GPU: the device files of every other are covered, and the driver is told to leave device files alone.

None of this is CUDA: nothing here opens a device.
"""

import os
import re

from . import linux

_NODE = re.compile(r"nvidia(ctl|\d+|-uvm|-uvm-tools|-caps/nvidia-cap\d+)|dxg")
_PARAMS = "/proc/driver/nvidia/params"
_MAKES_NODES = re.compile(r"^(ModifyDeviceFiles:\s*)1", re.MULTILINE)


def assign(nodes: list[str], *, dev: str = "/dev") -> None:
    """Cover every NVIDIA device file but these with /dev/null, in the mount namespace of this process, for good.

    Whoever covers them must not be able to uncover them: without the right to mount. CUDA passes over what it cannot
    use, so that the one left is its only device.
    """
    for path in covered(nodes, dev=dev):
        linux.attach_mount(linux.copy_mount("/dev/null"), path)


def covered(nodes: list[str], *, dev: str = "/dev") -> list[str]:
    """The NVIDIA device files in this view that are not among `nodes`."""
    return [path for path in _device_files(dev) if path not in nodes]


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
