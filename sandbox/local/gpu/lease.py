"""Who has which GPU: one run each, in the order of asking, and none that a finished run still holds on to.

That holds for the whole machine: a GPU is claimed by a socket of its name, which the kernel lets only one process have
and takes back when that one ends. Between processes there is no order.
"""

import logging
import re
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from sandbox.errors import SandboxError
from sandbox.local.facts import Ended, Facts
from sandbox.local.gpu.devices import Gpu, device_nodes, find_gpus
from sandbox.local.gpu.files import open_driver
from sandbox.local.gpu.nvml import DriverError, Nvml
from sandbox.local.gpu.watch import Watch
from sandbox.schema import ExecResult, Job

_LET_GO_S = 2.0
_POLL_S = 0.05
_MAY_ASK = re.compile(r"cuda|gpu|accelerat|lightning|device_map", re.IGNORECASE)
_log = logging.getLogger(__name__)


def wants_gpu(job: Job) -> bool:
    """Whether a run gets a GPU where there is one: Keras takes what it finds, PyTorch only what a program names."""
    if job.gpu is not None or job.runtime == "python":
        return bool(job.gpu)
    texts = (content for content in job.files.values() if isinstance(content, str))
    return job.runtime == "tensorflow" or any(_MAY_ASK.search(text) for text in texts)


class Lease:
    """A run's hold on one GPU, and what is to be told of it."""

    def __init__(self, watch: Watch) -> None:
        self.gpu = watch.gpu
        self.trouble: str | None = None
        self._watch = watch
        self._acted = False

    def passed_limit(self) -> bool:
        """True once, when the run has more of the GPU's memory than it may: it is to be ended."""
        acted, self._acted = self._acted, self._watch.hit is not None
        return self._acted and not acted

    def explained(self, facts: Facts) -> Facts:
        """The facts, with the limit in those of a run that was cancelled for it."""
        hit = self._watch.hit
        if hit is None or facts.ended_by is None or facts.ended_by.name != "cancelled":
            return facts
        sentence = f"It used {hit.used:g} MB of the GPU's memory; its limit is {hit.allowed:g} MB."
        ended = Ended(name=hit.name, sentence=sentence, allowed=hit.allowed, used=hit.used)
        return facts.model_copy(update={"ended_by": ended})

    def told(self, result: ExecResult) -> ExecResult:
        """The run's result with the use of its GPU; complete once the lease has ended."""
        use = self._watch.use().model_copy(update={"trouble": self.trouble})
        hit, told = self._watch.hit, {one.name for one in result.limits_hit}
        hits = [hit.model_copy(update={"ended": False})] if hit is not None and hit.name not in told else []
        return result.model_copy(update={"gpu": use, "limits_hit": [*result.limits_hit, *hits]})


class GpuPool:
    """The GPUs of this machine. Made at no cost: the driver is asked at the first lease.

    `belongs` tells of a process, by its number, that it may be a run's; by default those of our own jails.
    """

    def __init__(
        self,
        gpus: list[Gpu] | None = None,
        driver: Nvml | None = None,
        *,
        belongs: Callable[[int], bool] | None = None,
    ) -> None:
        self._gpus, self._driver, self._belongs = gpus, driver, belongs
        self._closed = False
        self._turn = threading.Condition()
        self._waiting: deque[object] = deque()
        self._leased: dict[Gpu, socket.socket] = {}
        self._held: dict[Gpu, Watch] = {}
        """GPUs on which processes of an ended run go on, and who knows which these are."""

    @contextmanager
    def lease(
        self,
        *,
        wanted: bool = True,
        limit_mb: int | None = None,
        cancel: threading.Event | None = None,
    ) -> Iterator[Lease | None]:
        """One GPU until the end of the `with` block; None where none is wanted or here, or the pool is closed or
        `cancel` set before one is free.

        Raises SandboxError where processes that cannot be ended hold every one.
        """
        gpu = self._take(cancel or threading.Event()) if wanted else None
        if gpu is None:
            yield None
            return
        watch = Watch(self._driver, gpu, limit_mb=limit_mb, belongs=self._belongs)
        lease = Lease(watch)
        try:
            with watch:
                yield lease
        finally:
            lease.trouble = self._give_back(gpu, watch)

    def close(self) -> None:
        with self._turn:
            self._closed = True
            self._turn.notify_all()
            driver, self._driver = self._driver, None
            for gpu in self._held:
                self._leased.pop(gpu).close()
            self._held.clear()
        if driver is not None:
            with suppress(DriverError):
                driver.close()

    def _take(self, cancel: threading.Event) -> Gpu | None:
        ticket = object()
        with self._turn:
            if self._closed or not self._known():
                return None
            self._waiting.append(ticket)
            try:
                while not cancel.is_set() and not self._closed:
                    if self._waiting[0] is ticket and (gpu := self._claim_one()) is not None:
                        return gpu
                    self._turn.wait(_POLL_S)
                return None
            finally:
                self._waiting.remove(ticket)
                self._turn.notify_all()

    def _known(self) -> list[Gpu]:
        if self._gpus is None:
            with suppress(DriverError):
                self._driver = open_driver() if device_nodes() else None
            self._gpus = find_gpus(self._driver)
        return self._gpus

    def _claim_one(self) -> Gpu | None:
        """The one that others use least, of those that no other process has."""
        for gpu in sorted(self._free(), key=self._others):
            if (claim := _claim(gpu)) is not None:
                self._leased[gpu] = claim
                return gpu
        return None

    def _free(self) -> list[Gpu]:
        """One that was held is free again once its last process has gone."""
        for gpu in [gpu for gpu, watch in self._held.items() if not watch.lingering()]:
            del self._held[gpu]
            self._leased.pop(gpu).close()
        whole = [gpu for gpu in self._known() if gpu not in self._held]
        if not whole:
            raise SandboxError(_all_held(self._held))
        return [gpu for gpu in whole if gpu not in self._leased]

    def _others(self, gpu: Gpu) -> tuple[int, int]:
        try:
            used = self._driver.memory(self._driver.device(gpu.uuid)).used if self._driver and gpu.uuid else 0
        except DriverError:
            used = 0
        return used, gpu.index

    def _give_back(self, gpu: Gpu, watch: Watch) -> str | None:
        """What is wrong with it where the run's processes go on: the driver can hold one that has been killed."""
        deadline = time.monotonic() + _LET_GO_S
        while (left := watch.lingering()) and time.monotonic() < deadline:
            time.sleep(_POLL_S)
        trouble = _held_sentence(gpu, left) if left else None
        with self._turn:
            if left:
                self._held[gpu] = watch  # and no other process gets it either
            else:
                self._leased.pop(gpu).close()
            self._turn.notify_all()
        if trouble is not None:
            _log.warning("%s", trouble)
        return trouble


def _claim(gpu: Gpu) -> socket.socket | None:
    """A socket that is this machine's only one of its name; None where there is one already."""
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        claim.bind(f"\0gradproof-gpu-{gpu.uuid or gpu.index}")
    except OSError:
        claim.close()
        return None
    return claim


def _held_sentence(gpu: Gpu, left: list[int]) -> str:
    pids = ", ".join(map(str, left))
    return f"The run was killed and process {pids} still holds GPU {gpu.index} ({gpu.name}): no run gets it meanwhile."


def _all_held(held: dict[Gpu, Watch]) -> str:
    pids = ", ".join(str(pid) for watch in held.values() for pid in watch.lingering())
    return (
        f"every GPU is held by processes of earlier runs that were killed and cannot end (process {pids}); "
        "reset the GPU: 'nvidia-smi --gpu-reset', or restart the machine"
    )
