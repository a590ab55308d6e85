"""What one run does on its GPU, as the driver tells it to the host: nothing of this passes through the run.

Every process with a CUDA context is listed by the driver with the memory it holds. A process is the run's own where it
descends from this one and lives in a pid namespace below, as everything in a jail does. Where the driver lists none by
a pid that is known here (inside a container, say), what the whole device gained since the run began stands in.
"""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandbox.local.gpu.devices import Gpu
from sandbox.local.gpu.nvml import DriverError, Nvml, Process
from sandbox.schema import GpuUse, LimitHit

_TICK_S = 0.05
_ENOUGH_SAMPLES = 3
_PROC = Path("/proc")


class Watch:
    """Samples from `with` to its end, in a thread of its own."""

    hit: LimitHit | None = None
    """Set once the run has had more memory than its limit."""

    def __init__(
        self,
        driver: Nvml | None,
        gpu: Gpu,
        *,
        limit_mb: int | None = None,
        belongs: Callable[[int], bool] | None = None,
        tick_s: float = _TICK_S,
    ) -> None:
        self.gpu = gpu
        self._driver, self._belongs = driver, belongs or in_a_jail_of_ours
        self._limit_mb, self._tick_s = limit_mb, tick_s
        self._handle: Any = None
        self._own: set[int] = set()
        self._before: set[int] = set()
        self._baseline = self._peak = self._samples = 0
        self._doubtful = False
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._follow, name=f"gpu-{gpu.index}", daemon=True)

    def __enter__(self) -> "Watch":
        try:
            if self._driver is not None and self.gpu.uuid is not None:
                self._handle = self._driver.device(self.gpu.uuid)
                self._baseline = self._driver.memory(self._handle).used
                self._before = {one.pid for one in self._listed() or []}
                self._thread.start()
        except DriverError:
            self._handle = None
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._done.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1.0)  # a call into a broken driver may never return

    def use(self) -> GpuUse:
        """What was seen so far."""
        known = self._handle is not None and self._samples > 0
        return GpuUse(
            name=self.gpu.name,
            uuid=self.gpu.uuid,
            used=self._used(),
            peak_memory_mb=round(self._peak / (1 << 20), 1) if known else None,
        )

    def lingering(self) -> list[int]:
        """The run's processes that the driver still lists."""
        return sorted(self._own & {one.pid for one in self._listed() or []}) if self._handle is not None else []

    def _used(self) -> bool | None:
        if self._own:
            return True
        return None if self._doubtful or self._samples < _ENOUGH_SAMPLES else False

    def _follow(self) -> None:
        while not self._done.wait(self._tick_s):
            try:
                self._sample()
            except DriverError:
                self._doubtful = True

    def _sample(self) -> None:
        listed = self._listed()
        held = self._held(listed)
        self._peak = max(self._peak, held)
        self._samples += 1
        if self._limit_mb is not None and held > self._limit_mb << 20 and self.hit is None:
            self.hit = LimitHit(name="gpu_memory", allowed=self._limit_mb, used=held >> 20, ended=True)

    def _listed(self) -> list[Process] | None:
        """None where the driver lists no processes here."""
        try:
            return self._driver.processes(self._handle) if self._driver is not None else None
        except DriverError:
            return None

    def _held(self, listed: list[Process] | None) -> int:
        """Bytes of the run."""
        if listed is not None:
            own = [one for one in listed if one.pid in self._own or self._is_own(one.pid)]
            self._own |= {one.pid for one in own}
            unknown = [one.pid for one in listed if one.pid not in self._before and not (_PROC / str(one.pid)).exists()]
            sizes = [one.used for one in own if one.used is not None]
            if len(sizes) == len(own) and (own or not unknown):
                return sum(sizes)
            self._doubtful = self._doubtful or not own
        else:
            self._doubtful = True
        return max(0, self._driver.memory(self._handle).used - self._baseline)

    def _is_own(self, pid: int) -> bool:
        return pid not in self._before and self._belongs(pid)


def in_a_jail_of_ours(pid: int, *, proc: Path = _PROC) -> bool:
    """Whether a process descends from this one and lives in a pid namespace below."""
    return in_a_namespace_below(pid, proc=proc) and is_below_us(pid, proc=proc)


def is_below_us(pid: int, *, proc: Path = _PROC) -> bool:
    """Whether a process descends from this one, which never uses CUDA itself: without a jail that is all there is."""
    me, seen = os.getpid(), 0
    while pid > 1 and seen < 64:
        pid, seen = _parent(pid, proc), seen + 1
        if pid == me:
            return True
    return False


def in_a_namespace_below(pid: int, *, proc: Path = _PROC) -> bool:
    """Whether a process lives in a pid namespace below this one's, whoever started it: so do all of a container's."""
    return _namespaces(pid, proc) > _namespaces(os.getpid(), proc)


def _namespaces(pid: int, proc: Path) -> int:
    """How many pid namespaces deep a process lives, as far as they can be seen from here; 0 where it has ended."""
    return len(_field(pid, "NSpid", proc).split())


def _parent(pid: int, proc: Path) -> int:
    return int(_field(pid, "PPid", proc) or 0)


def _field(pid: int, name: str, proc: Path) -> str:
    try:
        lines = (proc / str(pid) / "status").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(f"{name}:")), "")
