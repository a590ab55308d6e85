"""The warm process of one runtime: imports its framework, computes nothing, and is forked once per run.

It holds no secret, has one thread and no writable shared memory, and never reads what an untrusted program wrote.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import types
import weakref

from . import cuda, linux, pages, program, supervisor, wire
from .processes import reap

_COMMON = ("numpy", "sklearn.datasets", "sklearn.model_selection", "sklearn.metrics", "pandas", "tqdm", "pytest")
_PYTORCH = (
    "torch",
    "torch.nn",
    "torch.optim",
    "torch._dynamo",
    "torch.utils.data",
    "torch.utils.tensorboard",
    "torch.utils.flop_counter",
)
PREIMPORTS = {
    "pytorch": (*_PYTORCH, *_COMMON),
    "tensorflow": ("tensorflow", "tensorflow.summary", "keras", *_COMMON),
    "python": ("numpy",),
}
OBSERVERS = {
    "pytorch": ("observe.run", "observe.torch.watch", "observe.torch.vision"),
    "tensorflow": ("observe.run", "observe.keras.watch"),
}
_MOST_GROWTH_MB = 64
REQUIRED = {"pytorch": "torch", "tensorflow": "tensorflow", "python": "json"}


def serve(runtime: str, tier: str, control_descriptor: int) -> None:
    """Import, say so, then fork a supervisor for each connection that arrives, until the host has gone."""
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)  # without a jail nothing else ends it while it imports
    control = socket.socket(fileno=control_descriptor)
    control.set_inheritable(False)
    _import(runtime)
    for stream in (sys.stdout, sys.stderr):  # what an import has half written would come out in every run
        stream.flush()
    for finalizer in weakref.finalize._registry:  # a framework's own clean-up at exit is most of an empty run's time
        finalizer.atexit = False
    gc.collect()
    gc.freeze()
    pages.collapse()
    linux.prctl(linux.PR_SET_DUMPABLE, 0)  # where a program can see this process, it can neither read nor trace it
    control.send(json.dumps({"oddity": _oddity()}).encode())
    _fork_for_each(control, tier)


def _import(runtime: str) -> None:
    prepare(runtime)
    importlib.import_module(REQUIRED[runtime])
    for name in PREIMPORTS[runtime]:
        try:
            importlib.import_module(name)
        except ImportError:
            continue
    _import_observers(runtime)
    program.observers = [name for name in sys.modules if name.split(".")[0] == "observe"]


def prepare(runtime: str) -> None:
    """Set up streams that work by lines, and TensorBoard's own switch for doing without TensorFlow.

    A program that is killed has said what it had said. TensorFlow would take TensorBoard seconds to import.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    if runtime == "pytorch":
        sys.modules["tensorboard.compat.notf"] = types.ModuleType("tensorboard.compat.notf")


def _import_observers(runtime: str) -> None:
    """Once, rather than in each run: only what they define is taken along, and nothing of them has run."""
    if runtime in OBSERVERS:
        sys.path.insert(0, f"{program.INSIDE}/checks")
        for name in OBSERVERS[runtime]:
            importlib.import_module(name)
        del sys.path[0]


def _oddity() -> str | None:
    """Why this process should not be forked, if there is a reason."""
    if extra := _extra_threads():
        return f"importing it started {extra} threads, which a fork would lose"
    with open("/proc/self/maps", encoding="utf-8") as file:  # noqa: PTH123
        if any(line.split()[1] == "rw-s" for line in file):
            return "importing it mapped writable memory that runs would share"
    return cuda.oddity()


def _later_oddity(private_bytes: int) -> str | None:
    """The same, for a process that had so much memory of its own when it began to be forked, and has idled since."""
    if extra := _extra_threads():
        return f"it has started {extra} threads, which a fork would lose"
    if (grown := (pages.private_bytes() - private_bytes) >> 20) > _MOST_GROWTH_MB:
        return f"its memory has grown by {grown} MB"
    return cuda.oddity()


def _extra_threads() -> int:
    return len(os.listdir("/proc/self/task")) - 1  # noqa: PTH208


def _fork_for_each(control: socket.socket, tier: str) -> None:
    wake_reader, wake_writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake_writer, warn_on_full_buffer=False)
    private_bytes = pages.private_bytes()
    while True:
        ready, _, _ = select.select([control, wake_reader], [], [])
        if wake_reader in ready:
            os.read(wake_reader, 4096)
            reap()
        if control in ready:
            message, descriptors, _, _ = socket.recv_fds(control, 16, 1)
            if not message:
                return
            for descriptor in descriptors:
                os.set_inheritable(descriptor, False)
                _fork_or_say_why(control, descriptor, tier, _later_oddity(private_bytes))
                os.close(descriptor)


def _fork_or_say_why(control: socket.socket, descriptor: int, tier: str, oddity: str | None) -> None:
    """A supervisor for this connection, or the reason why none could be trusted: the host then starts afresh."""
    try:
        child = os.fork() if oddity is None else None
    except OSError as error:
        child, oddity = None, f"it could not be forked: {error.strerror}"
    if child is None:
        with contextlib.suppress(OSError):
            wire.send(descriptor, wire.BROKEN, oddity.encode())
    elif child == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        control.close()
        supervisor.supervise(descriptor, descriptor, tier)
