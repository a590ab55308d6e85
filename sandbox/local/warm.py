"""Which warm interpreter serves a run, and when another one takes its place."""

import threading
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.local.grounds import Ground
from sandbox.local.zygote import Zygote
from sandbox.runtime import Interpreter, describe, interpreter_path, require_framework
from sandbox.schema import Runtime

_RUNS = 500


class WarmInterpreters:
    """One zygote per runtime, started when it is first asked for.

    After `most_runs` a successor is started beside it, which takes over when it is warm: nobody waits for it. A zygote
    that is gone, or that a run found odd, is replaced at once.
    """

    def __init__(
        self, ground: Ground, *, runtimes: dict[Runtime, Path] | None, scratch: Path | None, most_runs: int = _RUNS
    ) -> None:
        self._ground, self._runtimes, self._scratch, self._most_runs = ground, runtimes, scratch, most_runs
        self._serving: dict[Runtime, Zygote] = {}
        self._successors: dict[Runtime, Zygote] = {}
        self._retired: list[Zygote] = []
        self._lock = threading.Lock()
        self._closed = False

    def zygote(self, runtime: Runtime) -> Zygote:
        """Raises SandboxError, with the remedy, where the runtime's interpreter lacks its framework."""
        interpreter = self._interpreter(runtime)
        with self._lock:
            if self._closed:
                raise SandboxError("the sandbox has been closed; open another one")
            current = self._serving.get(runtime)
            if current is None or not current.alive:
                self._replace(runtime, self._successor(runtime, interpreter))
            elif current.runs >= self._most_runs and (successor := self._successor(runtime, interpreter)).ready:
                self._replace(runtime, successor)
            return self._serving[runtime]

    def discard(self, zygote: Zygote) -> None:
        """It serves no further run."""
        with self._lock:
            if self._serving.get(zygote.runtime) is zygote:
                del self._serving[zygote.runtime]
                self._retire(zygote)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            zygotes = [*self._serving.values(), *self._successors.values(), *self._retired]
            self._serving, self._successors, self._retired = {}, {}, []
        for zygote in zygotes:
            zygote.close()

    def _interpreter(self, runtime: Runtime) -> Interpreter:
        interpreter = describe(interpreter_path(runtime, self._runtimes))
        require_framework(runtime, interpreter)
        return interpreter

    def _successor(self, runtime: Runtime, interpreter: Interpreter) -> Zygote:
        waiting = self._successors.get(runtime)
        if waiting is None or not waiting.alive:
            spare = self._ground.tier == "A"  # elsewhere a program could meet the supervisor that waits
            self._successors[runtime] = Zygote(runtime, interpreter, self._ground, spare=spare, scratch=self._scratch)
        return self._successors[runtime]

    def _replace(self, runtime: Runtime, successor: Zygote) -> None:
        current = self._serving.get(runtime)
        self._serving[runtime] = successor
        self._successors.pop(runtime, None)
        if current is not None:
            self._retire(current)

    def _retire(self, zygote: Zygote) -> None:
        """Let its other runs end in peace; closing the sandbox ends what is left."""
        self._retired = [other for other in self._retired if other.alive] + [zygote]
        threading.Thread(target=zygote.retire, daemon=True).start()
