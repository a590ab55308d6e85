"""The container sandbox: one new container per run, so that each run pays for its own imports."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from sandbox.docker.command import Shape, container_command, new_name, new_uid
from sandbox.docker.container import Container
from sandbox.docker.ended import facts_without_result
from sandbox.docker.engine import DEFAULT_IMAGE, Engine, find_engine
from sandbox.docker.image import look_into, require_image
from sandbox.docker.owner import own_label, remove_leftovers
from sandbox.errors import SandboxError
from sandbox.local import request
from sandbox.local.attempt import Attempt
from sandbox.local.capacity import measure_capacity
from sandbox.local.gpu.lease import GpuPool, Lease, wants_gpu
from sandbox.local.gpu.watch import in_a_namespace_below
from sandbox.local.outcome import exec_result, refused
from sandbox.local.place import Place, program_environment
from sandbox.local.queue import Queue
from sandbox.runtime import Installed
from sandbox.schema import ExecResult, Job, Runtime, Tier

_START_S = 60.0
_CANCELLED = "It was cancelled before it started."


def open_docker(
    *, image: str | None = None, runtime: str | None = None, scratch: Path | None = None
) -> "DockerSandbox":
    """Raises SandboxError, with the remedy, where there is no client, no engine, no image or no such runtime.

    Containers that dead processes left behind are removed.
    """
    engine = find_engine(image=image or DEFAULT_IMAGE, runtime=runtime)
    require_image(engine)
    remove_leftovers(engine)
    return DockerSandbox(engine, scratch=scratch)


class DockerSandbox:
    """See sandbox/base.py for the contract."""

    tier: Tier = "docker"

    def __init__(self, engine: Engine, *, scratch: Path | None = None) -> None:
        self._engine, self._scratch = engine, scratch
        self._queue = Queue(measure_capacity())
        self._gpus = GpuPool(belongs=in_a_namespace_below)
        self._running: set[Container] = set()
        self._lock = threading.Lock()
        self._closed = False

    def warm(self, runtime: Runtime) -> None:
        """Nothing can be imported ahead of a container: the image is asked what it holds, which a run has to know."""
        threading.Thread(target=self._look_at, args=(runtime,), daemon=True).start()

    def installed(self, runtime: Runtime) -> Installed:
        return look_into(self._engine, runtime).installed

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
        cancel = cancel or threading.Event()
        limit = job.limits.gpu_memory_mb
        with (
            self._gpus.lease(wanted=wants_gpu(job), limit_mb=limit, cancel=cancel) as lease,
            self._queue.turn(job.limits.memory_mb, cancel) as is_our_turn,
        ):
            if not is_our_turn:
                return refused(_CANCELLED, self.tier)
            result = self._run(job, on_output, on_evidence, cancel, lease)
        return result if lease is None else lease.told(result)

    def close(self) -> None:
        self._queue.close()
        with self._lock:
            self._closed = True
            running = list(self._running)
        for container in running:
            container.end()
        self._gpus.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _run(
        self,
        job: Job,
        on_output: Callable[[str], None] | None,
        on_evidence: Callable[[dict[str, Any]], None] | None,
        cancel: threading.Event,
        lease: Lease | None,
    ) -> ExecResult:
        container, place, environment = self._prepare(job, lease)
        attempt = Attempt(
            job,
            place,
            give_up=container.kill,
            start_s=_START_S,
            cancel=cancel,
            on_output=on_output,
            on_evidence=on_evidence,
            lease=lease,
        )
        started = time.monotonic()
        with self._counted(container), container.connect() as connection:
            attempt.follow(connection, environment)
        facts = attempt.facts
        if facts is None and not attempt.started and cancel.is_set():
            return refused(_CANCELLED, self.tier)
        if facts is None and (self._closed or not attempt.started):
            raise SandboxError(self._why_no_result(container, attempt))
        facts = facts or facts_without_result(
            job,
            wall_s=time.monotonic() - started,
            exit_code=container.exit_code,
            own_kernel=place.uid is not None,
            cancelled=cancel.is_set(),
        )
        return exec_result(facts, job, tier=self.tier, warm=False, **attempt.collected())

    def _prepare(self, job: Job, lease: Lease | None) -> tuple[Container, Place, dict[str, str]]:
        """A container that is not started yet, and what its supervisor is told."""
        image = look_into(self._engine, job.runtime)
        gpu = lease.gpu.visible if lease is not None else None
        shape = Shape(new_name(), own_label(), new_uid(), apart=not image.hides_supervisor, gpu=gpu)
        readable = image.readable if gpu is None else (*image.readable, "/sys")  # CUDA looks there for its cards
        place = Place(tier=self.tier, readable=readable, uid=shape.uid if shape.apart else None)
        environment = program_environment(image.installed.interpreter, place.base)
        environment.pop("LD_LIBRARY_PATH", None)  # where this machine has the driver's libraries, the image does not
        command = container_command(job, self._engine, environment, shape)
        return Container(self._engine, command, shape.name, scratch=self._scratch), place, environment

    @contextmanager
    def _counted(self, container: Container) -> Iterator[None]:
        """While it runs, closing the sandbox ends it."""
        with self._lock:
            if self._closed:
                raise SandboxError("the sandbox has been closed; open another one")
            self._running.add(container)
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(container)

    def _why_no_result(self, container: Container, attempt: Attempt) -> str:
        if self._closed:
            return "the sandbox was closed while a program ran in it; open another one"
        if container.was_never_made:
            return self._engine.explain(container.words)
        said = container.words.strip().splitlines() or [attempt.failure]
        return f"the container ended without a result ({said[-1]}); see 'gradproof doctor'"

    def _look_at(self, runtime: Runtime) -> None:
        with suppress(SandboxError):  # the run will say it
            self.installed(runtime)
