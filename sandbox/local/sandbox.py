"""The local sandbox: one warm interpreter per runtime, and one fork of it per run."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from sandbox.errors import SandboxError
from sandbox.local import request
from sandbox.local.attempt import Attempt
from sandbox.local.capacity import Capacity, measure_capacity
from sandbox.local.facts import Facts, brought_down
from sandbox.local.gpu.lease import GpuPool, Lease, wants_gpu
from sandbox.local.gpu.watch import in_a_jail_of_ours, is_below_us
from sandbox.local.grounds import Ground
from sandbox.local.outcome import exec_result, refused
from sandbox.local.place import program_environment
from sandbox.local.queue import Queue
from sandbox.local.warm import WarmInterpreters
from sandbox.local.zygote import Zygote
from sandbox.runtime import Installed, installed
from sandbox.schema import ExecResult, Job, Runtime, Tier

_START_S = 60.0
_log = logging.getLogger(__name__)


class LocalSandbox:
    """See sandbox/base.py for the contract. Nothing is started before the first `warm` or `run`.

    `capacity` is what its runs may use together; the default is measured. `most_runs` is after how many runs a warm
    interpreter is replaced.
    """

    def __init__(
        self,
        ground: Ground,
        *,
        runtimes: dict[Runtime, Path] | None = None,
        scratch: Path | None = None,
        capacity: Capacity | None = None,
        most_runs: int = 500,
    ) -> None:
        self.tier: Tier = ground.tier
        self._ground, self._runtimes = ground, runtimes
        self._warm = WarmInterpreters(ground, runtimes=runtimes, scratch=scratch, most_runs=most_runs)
        self._gpus = GpuPool(belongs=is_below_us if self.tier == "C" else in_a_jail_of_ours)
        capacity = capacity or measure_capacity()
        self._queue = Queue(capacity.model_copy(update={"cores": 1}) if ground.serial else capacity)

    def installed(self, runtime: Runtime) -> Installed:
        return installed(runtime, self._runtimes)

    def warm(self, runtime: Runtime) -> None:
        self._warm.zygote(runtime)

    def run(
        self,
        job: Job,
        *,
        on_output: Callable[[str], None] | None = None,
        on_evidence: Callable[[dict[str, Any]], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> ExecResult:
        if (reason := request.reason_to_refuse(job)) is not None:
            return refused(reason, self.tier)
        limits = job.limits
        with (
            self._gpus.lease(wanted=wants_gpu(job), limit_mb=limits.gpu_memory_mb, cancel=cancel) as lease,
            self._queue.turn(limits.memory_mb, cancel) as admitted,
        ):
            if not admitted:
                return self._cancelled()
            result = self._run_or_retry(job, on_output, on_evidence, cancel or threading.Event(), lease)
        return result if lease is None else lease.told(result)

    def close(self) -> None:
        self._queue.close()
        self._warm.close()
        self._gpus.close()
        self._ground.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _cancelled(self) -> ExecResult:
        return refused("It was cancelled before it started.", self.tier)

    def _run_or_retry(
        self,
        job: Job,
        on_output: Callable[[str], None] | None,
        on_evidence: Callable[[dict[str, Any]], None] | None,
        cancel: threading.Event,
        lease: Lease | None,
    ) -> ExecResult:
        """A run that never started is tried once more, with a fresh zygote."""
        failure = ""
        for _ in range(2):
            zygote = self._warm.zygote(job.runtime)
            warm = zygote.ready
            zygote.wait_ready(cancel)
            if cancel.is_set():
                return self._cancelled()
            place = self._ground.place(zygote.interpreter)
            listeners = {"on_output": on_output, "on_evidence": on_evidence}
            attempt = Attempt(
                job, place, give_up=zygote.close, start_s=_START_S, cancel=cancel, lease=lease, **listeners
            )
            facts = self._follow(attempt, zygote, program_environment(zygote.interpreter, place.base))
            if facts is not None:
                return exec_result(facts, job, tier=self.tier, warm=warm, **attempt.collected())
            if cancel.is_set() and not attempt.started:
                return self._cancelled()
            failure = attempt.failure
            _log.warning("the warm interpreter for %s is replaced: %s", job.runtime, failure)
            self._warm.discard(zygote)
            if attempt.started:
                break
        raise SandboxError(f"the sandbox's supervisor ended without a result ({failure}); see 'gradproof doctor'")

    def _follow(self, attempt: Attempt, zygote: Zygote, environment: dict[str, str]) -> Facts | None:
        """The facts. Below tier A a program that lives beside its supervisor may bring it down, and outlive it."""
        begun = time.monotonic()
        with zygote.connect() as connection:
            attempt.follow(connection, environment)
        if self.tier == "A" or not attempt.started or (attempt.facts is not None and not attempt.forced):
            return attempt.facts
        self._warm.discard(zygote)
        return attempt.facts or brought_down(time.monotonic() - begun)
