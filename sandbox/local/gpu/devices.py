"""Which NVIDIA GPUs this machine has, and the device files of each.

CUDA opens the control and unified-memory nodes (the one for tools too, from driver 570 on), the node of its GPU, and
two capability nodes where that GPU is a part of a divided one. Whoever drives a display or a switch needs more; a
program that computes does not.
"""

import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from sandbox.local.gpu.nvml import DriverError, Nvml

SHARED_NODES = ("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools")
"""Every use of CUDA opens these, whichever GPU it is on."""
WSL_NODE = "dxg"
"""The one node of Windows' subsystem for Linux, where GPUs have none of their own."""
DRIVER = "proc/driver/nvidia"
_ROOT = Path("/")


class Gpu(BaseModel):
    """One GPU, or one part of a GPU that is divided (MIG), that a run can be given."""

    model_config = ConfigDict(frozen=True)

    index: int
    """In the driver's order; parts of one GPU share it."""
    name: str
    memory_mb: int | None = None
    uuid: str | None = None
    """None where the driver's management library is missing."""
    nodes: tuple[str, ...] = ()
    """Its own device files, below /dev."""
    divided: bool = False
    """Whether it is such a part."""

    @property
    def visible(self) -> str:
        """The value of CUDA_VISIBLE_DEVICES that shows this one; it alone is there where no uuid is known."""
        return self.uuid or "0"

    @property
    def all_nodes(self) -> list[str]:
        """What a program that computes on it opens."""
        return [f"/dev/{name}" for name in (*SHARED_NODES, WSL_NODE)] + list(self.nodes)


def find_gpus(driver: Nvml | None, *, root: Path = _ROOT) -> list[Gpu]:
    """Those that have their device files, asked of the driver, or read from /proc where it cannot be asked."""
    if not device_nodes(root=root):
        return []
    if driver is None:
        return _listed(root)
    found: list[Gpu] = []
    for index, handle in enumerate(driver.devices()):
        try:
            found += _asked(driver, handle, index, root)
        except DriverError:
            continue
    return found


def visible_gpu(gpu: Gpu | None) -> dict[str, str]:
    """What tells CUDA which GPU it has; a run without one is told so where others lie about."""
    return {"CUDA_VISIBLE_DEVICES": gpu.visible if gpu is not None else ""} if gpu or device_nodes() else {}


def device_nodes(*, root: Path = _ROOT) -> list[str]:
    """Every device file that some run may need, as it is named inside; none where the driver is not loaded."""
    folder = root / "dev"
    shared = [name for name in (*SHARED_NODES, WSL_NODE) if (folder / name).is_char_device()]
    if not {SHARED_NODES[0], WSL_NODE} & set(shared):
        return []
    own = (path.name for path in folder.glob("nvidia*") if re.fullmatch(r"nvidia\d+", path.name))
    parts = (
        f"nvidia-caps/{path.name}" for path in (folder / "nvidia-caps").glob("nvidia-cap*") if _is_part(path, root)
    )
    return [f"/dev/{name}" for name in (*shared, *sorted(own), *sorted(parts)) if (folder / name).is_char_device()]


def _asked(driver: Nvml, handle: Any, index: int, root: Path) -> list[Gpu]:
    name, node = driver.name(handle), _own_node(driver, handle, root)
    parts = driver.mig_devices(handle)
    if not parts:
        own = [(driver.uuid(handle), driver.memory(handle).total, ())]
    else:
        own = [(driver.uuid(one), driver.memory(one).total, _caps(driver, handle, one, root)) for one in parts]
    return [
        Gpu(index=index, name=name, memory_mb=total >> 20, uuid=uuid, nodes=(*node, *caps), divided=bool(parts))
        for uuid, total, caps in own
        if all((root / path.lstrip("/")).is_char_device() for path in (*node, *caps))
    ]


def _own_node(driver: Nvml, handle: Any, root: Path) -> tuple[str, ...]:
    return () if (root / "dev" / WSL_NODE).is_char_device() else (f"/dev/nvidia{driver.minor(handle)}",)


def _caps(driver: Nvml, whole: Any, part: Any, root: Path) -> tuple[str, ...]:
    """The capability nodes that open one part, and no other one, of a divided GPU."""
    gpu, (instance, compute) = driver.minor(whole), driver.mig_instance(part)
    folder = root / DRIVER / f"capabilities/gpu{gpu}/mig/gi{instance}"
    minors = (_minor(path) for path in (folder / "access", folder / f"ci{compute}" / "access"))
    return tuple(f"/dev/nvidia-caps/nvidia-cap{minor}" for minor in minors if minor is not None)


def _is_part(node: Path, root: Path) -> bool:
    """Whether it opens a part of a GPU; others let their holder divide GPUs, or manage switches."""
    parts = (root / DRIVER / "capabilities").glob("gpu*/mig/gi*/**/access")
    return node.name in {f"nvidia-cap{_minor(path)}" for path in parts}


def _minor(path: Path) -> int | None:
    found = re.search(r"^DeviceFileMinor:\s*(\d+)", path.read_text(errors="replace"), re.M) if path.is_file() else None
    return int(found[1]) if found else None


def _listed(root: Path) -> list[Gpu]:
    """From the driver's own folder in /proc, which holds a page for each GPU."""
    pages = [page.read_text(errors="replace") for page in sorted((root / DRIVER / "gpus").glob("*/information"))]
    found = []
    for index, page in enumerate(pages):
        facts = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in page.splitlines())}
        node = f"/dev/nvidia{facts.get('Device Minor', '')}"
        if (root / node.lstrip("/")).is_char_device():
            known = re.fullmatch(r"GPU-[0-9a-f-]+", facts.get("GPU UUID", ""))  # question marks before its first use
            uuid = known[0] if known else None
            found.append(Gpu(index=index, name=facts.get("Model", "GPU"), uuid=uuid, nodes=(node,)))
    return found
