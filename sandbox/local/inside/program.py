"""The code process: lock itself in, then run the program as `python` would, and never return."""

import atexit
import builtins
import contextlib
import fcntl
import gc
import io
import json
import math
import os
import resource
import runpy
import signal
import sys
import tempfile
import threading
import traceback
import types
from collections.abc import Callable
from typing import Any

from . import landlock, linux, seccomp
from .walls import Walls

INSIDE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
_EVIDENCE = 3
_MEGABYTE = 1 << 20

_ADDRESSES = 64 << 30
"""Each read page of a mapping without memory still takes its entry in a table: this bounds the tables."""

_BUFFERED = (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom)

observers: list[str] = []
"""Modules that the zygote has imported for runs that are observed."""
_forgotten: list[types.ModuleType] = []


def lock_in(
    request: dict[str, Any], walls: Walls, *, stdout: int, stderr: int, evidence: int | None, ready: int
) -> None:
    """Called in the forked child, in its own namespaces: gives up everything but what the program may have.

    `ready` gets one "." when that is done, or a sentence that says what could not be, and is closed.
    """
    try:
        walls.enter()
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)  # a change of uid would undo it
        os.setsid()
        os.environ.clear()
        os.environ.update(request["env"])
        tempfile.tempdir = None  # an import may have asked for it, and been told the zygote's
        os.chdir(walls.work)
        ready = _take_descriptors(stdout, stderr, evidence, ready)
        _confine(request["limits"], walls)
    except BaseException as error:
        os.write(ready, f"{type(error).__name__}: {error}".encode())
        os._exit(70)
    os.write(ready, b".")
    os.close(ready)


def run(argv: list[str], observe: dict[str, Any] | None) -> None:
    """Run the program in its working folder, the current one, and end the process with its exit status."""
    status, work = 1, os.getcwd()  # noqa: PTH109
    try:
        status = _run_as_main(argv, observe, work)
    finally:
        _end(status, work)


def _take_descriptors(stdout: int, stderr: int, evidence: int | None, ready: int) -> int:
    """0 is empty, 1 and 2 are the pipes, 3 carries evidence to the supervisor; nothing else stays open but `ready`."""
    high = fcntl.fcntl(ready, fcntl.F_DUPFD_CLOEXEC, 200)
    os.dup2(stdout, 1)
    os.dup2(stderr, 2)
    if evidence is not None:
        os.dup2(evidence, _EVIDENCE, inheritable=False)
        os.dup2(high, _EVIDENCE + 1, inheritable=False)
    else:
        os.dup2(high, _EVIDENCE, inheritable=False)
    kept = _EVIDENCE if evidence is None else _EVIDENCE + 1
    linux.close_from(kept + 1)
    return kept


def _confine(limits: dict[str, Any], walls: Walls) -> None:
    cpu = math.ceil(limits["cpu_s"]) + 5
    data = _data_bytes() + limits["memory_mb"] * _MEGABYTE
    ceilings = {
        resource.RLIMIT_CPU: cpu,
        resource.RLIMIT_DATA: data,
        resource.RLIMIT_NPROC: limits["processes"] + walls.tasks_beside(),
        resource.RLIMIT_NOFILE: limits["open_files"],
        resource.RLIMIT_FSIZE: max(limits["disk_mb"], limits["memory_mb"]) * _MEGABYTE,  # of shared memory too
        resource.RLIMIT_CORE: 1,  # a core_pattern that is a pipe ignores 0
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_SIGPENDING: 4096,  # and so many timers
    }
    if not limits["gpu"]:  # CUDA pins host memory, and reserves more addresses than there is memory anywhere
        ceilings[resource.RLIMIT_MEMLOCK] = 65536
        ceilings[resource.RLIMIT_AS] = _ADDRESSES + limits["memory_mb"] * _MEGABYTE
    for which, ceiling in ceilings.items():
        present = resource.getrlimit(which)
        ceiling = ceiling if present[1] == resource.RLIM_INFINITY else min(ceiling, present[1])
        if present != (ceiling, ceiling):  # gVisor refuses to set some of them, even to what they are
            resource.setrlimit(which, (ceiling, ceiling))
    with open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123
        file.write("1000")
    linux.drop_capabilities()
    linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
    landlock.restrict(readable=walls.readable, writable=[walls.base, "/dev/shm"], devices=walls.devices)
    linux.load_seccomp(
        seccomp.build_filter(internet=walls.jailed, memory_files=limits["gpu"], protected=walls.protected)
    )


def _data_bytes() -> int:
    with open("/proc/self/status", encoding="utf-8") as file:  # noqa: PTH123
        return next(int(line.split()[1]) for line in file if line.startswith("VmData")) * 1024


def _run_as_main(argv: list[str], options: dict[str, Any] | None, work: str) -> int:
    """The exit status that `python` would give. An uncaught exception is printed as `python` prints it."""
    _reseed()
    try:
        if options is None:
            _forget_observers()
            _run_plain(argv, work)
            return 0
        return _run_observed(argv, options) or 0
    except SystemExit as exit_request:
        return _exit_status(exit_request.code)
    except BaseException as error:
        _print_exception(error, work)
        return 130 if isinstance(error, KeyboardInterrupt) else 1


def _reseed() -> None:
    """Forks of one process must not share the state of its unseeded generators; `random` sees to that itself."""
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    if "torch" in sys.modules:
        sys.modules["torch"].default_generator.seed()


def _forget_observers() -> None:
    """They are none of a plain program's business. Kept alive: to free them would copy every page that they are on."""
    _forgotten.extend(sys.modules.pop(name) for name in observers)


def _exit_status(code: object) -> int:
    if code is None or isinstance(code, int):
        return int(code or 0) & 0xFF
    print(code, file=sys.stderr)
    return 1


def _run_plain(argv: list[str], work: str) -> None:
    if argv[0] == "-m":
        sys.argv, sys.path[0:0] = argv[1:], [work]
        runpy.run_module(argv[1], run_name="__main__", alter_sys=True)
        return
    script = os.path.join(work, argv[0])  # noqa: PTH118
    sys.argv, sys.path[0:0] = list(argv), [os.path.dirname(script)]  # noqa: PTH120
    try:
        with open(script, "rb") as file:  # noqa: PTH123
            source = file.read()
    except OSError as error:
        print(f"python: can't open file {argv[0]!r}: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    main = types.ModuleType("__main__")
    main.__file__ = script
    main.__dict__["__builtins__"] = builtins  # of any other module it would be the dict
    sys.modules["__main__"] = main  # a real module, which outlives the script's last line as threads and pickle expect
    exec(compile(source, script, "exec", dont_inherit=True), main.__dict__)


def _run_observed(argv: list[str], options: dict[str, Any]) -> int | None:
    sys.path.insert(0, f"{INSIDE}/checks")
    from observe.run import run

    sys.path.append(sys.path.pop(0))  # the program's own modules come first
    return run(argv, options, _open_emit())


def _open_emit() -> Callable[[dict[str, Any]], None]:
    """What observers call to send one frame. Children of the program have no part in it."""
    lock = threading.Lock()
    owner = os.getpid()
    os.register_at_fork(after_in_child=_close_evidence)

    def emit(frame: dict[str, Any]) -> None:
        if os.getpid() != owner:
            return
        payload = json.dumps(_finite(frame), allow_nan=False).encode()
        message = memoryview(len(payload).to_bytes(4, "big") + payload)
        with lock:
            while message:
                message = message[os.write(_EVIDENCE, message) :]

    return emit


def _close_evidence() -> None:
    with contextlib.suppress(OSError):
        os.close(_EVIDENCE)


def _finite(value: Any) -> Any:
    """JSON has no NaN: what is not finite travels as "nan", "inf" or "-inf". Numpy's scalars become plain numbers."""
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    return _finite(value.item()) if hasattr(value, "item") else str(value)


def _print_exception(error: BaseException, work: str) -> None:
    report = traceback.TracebackException.from_exception(error)
    _leave_out_ours(report, set())
    text = "".join(report.format())
    sys.stderr.write(text.replace(f'File "{work}/', 'File "'))


def _leave_out_ours(report: traceback.TracebackException | None, seen: set[int]) -> None:
    if report is None or id(report) in seen:
        return
    seen.add(id(report))
    report.stack[:] = [frame for frame in report.stack if not _is_ours(frame.filename)]
    for other in (report.__cause__, report.__context__, *(getattr(report, "exceptions", None) or ())):
        _leave_out_ours(other, seen)


def _is_ours(filename: str) -> bool:
    return filename.startswith((f"{INSIDE}/", "<frozen runpy>"))


def _end(status: int, work: str) -> None:
    """Finish as the interpreter does (threads, exit handlers, buffers) but without its slow teardown."""
    try:
        threading._shutdown()
        atexit._run_exitfuncs()
    except BaseException as error:
        _print_exception(error, work)
        status = status or 1
    _finish_files()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except Exception:
            status = status or 120
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os._exit(status)


def _finish_files() -> None:
    """Files that are still open keep what was written to them, and globals that clean up behind themselves do so.

    What the zygote has imported is frozen, and so not among the objects that are looked at.
    """
    main = vars(sys.modules.get("__main__", sys))
    if threading.active_count() == 1:
        for name in [name for name, value in main.items() if hasattr(type(value), "__del__")]:
            del main[name]
    for one in gc.get_objects():
        if issubclass(type(one), _BUFFERED):
            with contextlib.suppress(Exception):
                one.flush()
