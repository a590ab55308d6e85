"""What the observers have seen, and how it is sent out while the program runs.

Runs inside the jail: standard library only.
"""

import importlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from pathlib import Path
from typing import Any, Literal

from observe.choices import Choices

FLUSH_SECONDS = 0.25
STARTING_STEPS = 3
DETACHED = 1 << 20
"""A depth of calls that no program has: the program has ended, and what runs now is ours."""
OBSERVERS = str(Path(__file__).parent)
OVERHEAD = 0.04
"""Share of the run's time that optional measurements may use."""

Emit = Callable[[dict[str, Any]], None]

Event = Literal["called", "differentiated", "stepping", "stepped", "batch", "passed"]
"""What an observer can listen to, and what its hook is given:

called          (model, args, kwargs, output) of the outermost call of a module with parameters that has returned
differentiated  PyTorch: (loss) before its backward pass; Keras: (target, sources, gradients) of a tape, also in a trace
stepping        PyTorch: (optimizer) once its gradients are there, in a closure too; Keras: (optimizer, gradients,
                variables), also while a function is traced
stepped         (optimizer) after its step; Keras in a traced function: once for each time that it ran
batch           (pass, leaves) when a loader hands out a batch
passed          (pass, complete) when a pass over a loader has ended
"""


class TrainingEnded(BaseException):
    """Raised out of a training loop that cannot be ended in another way once its bound is reached."""


class Record:
    """Counts and figures of one run; the hooks write to it, `send` and `flush` emit frames."""

    def __init__(
        self, emit: Emit, *, max_steps: int | None = None, max_train_s: float | None = None, start_only: bool = False
    ) -> None:
        self._emit = emit
        self._pid = os.getpid()
        self.started = time.monotonic()
        self.max_steps, self.max_train_s = max_steps, max_train_s
        self.start_only = start_only
        """Whether the program ends with the last of `max_steps`, rather than going on behind its training loop."""
        self.first_step: float | None = None
        self.bounded: str | None = None
        self.cut: str | None = None
        """When the program was ended behind its training, because it took too long."""
        self.steps = 0
        self.starting_s = 0.0
        """Seconds from the start of the program to the last of its first few steps."""
        self.backwards = 0
        self.depth = 0
        """How many watched model calls are open; hooks that concern the outermost call look at it."""
        self.own_loop = False
        """Whether the framework's own loop (Keras' fit or evaluate) is running."""
        self.stage = "start"
        self._failed: tuple[int, str] = (0, "")
        self.sites: dict[tuple[str, int], int] = {}
        self.site_counts: dict[tuple[str, int], int] = {}
        self.step_seconds: list[float] = []
        self.warnings: list[dict[str, Any]] = []
        self.checkpoints: list[dict[str, Any]] = []
        self.stand_ins: list[str] = []
        self.loss_calls: dict[Any, dict[str, Any]] = {}
        self.notes: dict[str, dict[str, Any]] = {}
        self.choices = Choices()
        self.constructed: dict[str, Any] | None = None
        """What was made of a file that only defines a model."""
        self.trouble: list[str] = []
        self._hooks: dict[Event, list[Callable[..., None]]] = {}
        self._pending: list[tuple[int, Any, int]] = []
        self._flushed = self.started
        self._last_step: float | None = None
        self._spent = 0.0

    @contextmanager
    def during(self, stage: str) -> Iterator[None]:
        """Come back to the stage before; what is raised inside is remembered with this one, caught or not."""
        before, self.stage = self.stage, stage
        try:
            yield
        except BaseException as error:
            self._failed = (id(error), stage)
            raise
        finally:
            self.stage = before

    def stage_of(self, error: BaseException) -> str:
        """The innermost stage that the error was raised in."""
        chain = {id(error), id(error.__cause__), id(error.__context__)}
        return self._failed[1] if self._failed[0] in chain else self.stage

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What the observer itself does with a model is not watched."""
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1

    def send(self, kind: str, **fields: Any) -> None:
        if os.getpid() == self._pid:
            self._emit({"kind": kind, **fields})

    def on(self, event: Event, hook: Callable[..., None]) -> None:
        """Have `hook` called at each event of this kind; what it raises is kept as trouble of the observers."""
        self._hooks.setdefault(event, []).append(harmless(self)(hook))

    def tell(self, event: Event, *what: Any) -> None:
        for hook in self._hooks.get(event, ()):
            hook(*what)

    def affords(self) -> bool:
        """Whether another optional measurement fits into the overhead allowed."""
        return self._spent < 0.1 + OVERHEAD * (time.monotonic() - self.started)

    def spend(self, seconds: float) -> None:
        self._spent += seconds

    def note(self, name: str, **figures: Any) -> None:
        """Count an observation, keeping the first place and the latest figures."""
        entry = self.notes.setdefault(name, {"count": 0, "where": user_frame()})
        entry.update(figures, count=entry["count"] + 1)

    def loss(self, value: Any) -> None:
        """One loss that is about to be differentiated; `value` is turned into a number when it is sent."""
        where = user_frame() or ("", 0)
        self.site_counts[where] = self.site_counts.get(where, 0) + 1
        self._pending.append((self.steps, value, self.sites.setdefault(where, len(self.sites))))
        if time.monotonic() - self._flushed > FLUSH_SECONDS or len(self._pending) > 500:
            self.flush()

    def flush(self) -> None:
        pending, self._pending = self._pending, []
        self._flushed = time.monotonic()
        if pending:
            self.send("steps", losses=[[step, float(value), site] for step, value, site in pending])

    def step(self, count: int = 1) -> None:
        now = time.monotonic()
        if self._last_step is not None and len(self.step_seconds) < 2000:
            self.step_seconds.append((now - self._last_step) / count)
        self.first_step = self.first_step or now
        self._last_step = now
        self.steps += count
        if self.steps <= STARTING_STEPS:
            self.starting_s = now - self.started
        if self.start_only and self.beyond_bound():
            raise TrainingEnded

    def detach(self) -> None:
        """From now on nothing is the program's; what is still under way in one of its threads may lower the depth."""
        self.depth = 2 * DETACHED

    def stand_in(self, sentence: str) -> None:
        """Tell once what was answered with a stand-in."""
        if sentence not in self.stand_ins:
            self.stand_ins.append(sentence)

    def beyond_bound(self) -> bool:
        """Whether training has come to its bound; what the probes do after it is no training."""
        if self.depth >= DETACHED:
            return False
        if self.max_steps is not None and self.steps >= self.max_steps:
            self.bounded = f"after {self.max_steps} steps"
        elif (
            self.max_train_s is not None
            and self.first_step is not None
            and time.monotonic() - self.first_step >= self.max_train_s
        ):
            self.bounded = f"after {self.max_train_s:g} s of training"
        return self.bounded is not None

    def facts(self) -> dict[str, Any]:
        """What both frameworks report in the same words."""
        seconds = sorted(self.step_seconds)
        return {
            "steps": self.steps,
            "backwards": self.backwards,
            "bounded": self.bounded,
            "cut": self.cut,
            "starting_s": self.starting_s,
            "step_time_ms": 1000 * seconds[len(seconds) // 2] if seconds else None,
            "warnings": self.warnings,
            "checkpoints": self.checkpoints[:50],
            "stand_ins": self.stand_ins,
            "loss_calls": list(self.loss_calls.values())[:50],
            "notes": self.notes,
            "constructed": self.constructed,
            "trouble": self.trouble[:5],
            "backward_line": max(self.site_counts, key=self.site_counts.__getitem__, default=None),
        }


def harmless(record: Record, fallback: Any = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Keep a fault of the observer from becoming a fault of the program."""

    def decorate(hook: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(hook)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            try:
                return hook(*args, **kwargs)
            except Exception as error:
                record.trouble.append(f"{hook.__name__}: {type(error).__name__}: {error}"[:300])
                return fallback

        return guarded

    return decorate


@cache
def folder() -> str:
    """The working folder when the run began, with a slash behind it."""
    return str(Path.cwd()) + "/"


@cache
def is_users(filename: str) -> bool:
    """Whether a code object's file belongs to the program: relative, or below the working folder."""
    if filename.startswith("<"):
        return False
    return not filename.startswith("/") or (filename.startswith(folder()) and "site-packages" not in filename)


def relative(filename: str) -> str:
    return filename.removeprefix(folder())


def user_frame() -> tuple[str, int] | None:
    """File and line of the innermost frame that is in the program's own files."""
    frame = sys._getframe(1)
    while frame is not None:
        if is_users(frame.f_code.co_filename):
            return relative(frame.f_code.co_filename), frame.f_lineno
        frame = frame.f_back
    return None


def called_by_user(*passing: str) -> bool:
    """Whether the program's own file asks for this, through no more than the observers' and these folders' files."""
    frame, passed = sys._getframe(1), (OBSERVERS, *passing)
    while frame is not None and frame.f_code.co_filename.startswith(passed):
        frame = frame.f_back
    return frame is not None and is_users(frame.f_code.co_filename)


def imported_by_user() -> bool:
    """Whether the program's own file imports what is being imported, rather than a library that tries what there is."""
    return called_by_user("<frozen importlib", str(Path(importlib.__file__).parent))


def class_place(cls: type) -> tuple[str, int] | None:
    """File and line of a class of the program."""
    code = getattr(getattr(cls, "__init__", None), "__code__", None)
    if code is None or not is_users(code.co_filename):
        return None
    return relative(code.co_filename), code.co_firstlineno
