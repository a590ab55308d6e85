"""Run a training program unchanged, watch it train, and send out what was seen.

Runs inside the jail, in a process that has imported the framework: standard library and that framework only.
"""

import importlib
import operator
import re
import runpy
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

from observe import standins
from observe.deadline import probes_deadline, program_deadline
from observe.record import Emit, Record, TrainingEnded, folder, is_users, relative


def run(argv: list[str], options: dict[str, Any], emit: Emit) -> int | None:
    """Run `argv` as __main__ under observation, for so many steps or seconds of training as `options` say.

    Returns the exit status, or raises what the program raised. The frame of kind "final" is the last one sent; where
    it is missing, the program did not come to its end.
    """
    word = options.pop("word", None)
    record = Record(
        emit if word is None else lambda frame: emit({**frame, "word": word}),
        max_steps=options.get("max_steps"),
        max_train_s=options.get("max_train_s"),
        start_only=options.get("start_only", False),
    )
    folder()
    framework = _framework(options["framework"])
    record.choices.install()
    watch = framework.install(record)
    construct = framework.call_what_is_defined
    _watch_warnings(record)
    standins.install(record, options["framework"], foreign=options.get("foreign", False))
    _step_aside()
    record.send("start", framework=options["framework"], version=watch.version)
    status, raised = _program(argv, options.get("call"), record, options.get("limit_s"))
    record.flush()
    if options.get("foreign") and raised is None and not watch.calls.models and not record.backwards:
        _call_what_is_defined(construct, watch, record, options.get("shape"))
    watch.detach()
    if options.get("probes", True):
        with probes_deadline(record, options.get("limit_s")):
            _send_frames(watch, record)
    record.send("final", exit_code=status)
    if raised is not None:
        raise raised
    return status


def _call_what_is_defined(construct: Any, watch: Any, record: Record, shape: list[int] | None) -> None:
    """That it is tried is told first, for it may take all of the time or memory that there is."""
    record.constructed = {"reason": "the program was ended while its model was made and called"}
    record.send("facts", **watch.counted())
    record.constructed = construct(sys.modules["__main__"], shape)
    record.send("facts", **watch.counted())


def _send_frames(watch: Any, record: Record) -> None:
    """What fails here is the observers' fault, and no crash of the program."""
    try:
        for frame in watch.frames():
            record.send(**frame)
    except Exception as error:
        record.send("probe", name="trained-model", error=f"{type(error).__name__}: {error}"[:500])


def _framework(name: str) -> ModuleType:
    if name == "pytorch":
        from observe.torch import watch

        return watch
    from observe.keras import watch

    return watch


def _step_aside() -> None:
    """Leave the module names and the import path to the program."""
    folder = str(Path(__file__).parent.parent)
    sys.path[:] = [entry for entry in sys.path if entry != folder]
    for name in [name for name in sys.modules if name.split(".")[0] == "observe"]:
        # A compiler that meets a hook inside of a compiled function asks for the module of this name to be imported.
        vars(sys.modules.pop(name)).pop("__name__", None)


def _program(
    argv: list[str], call: str | None, record: Record, limit_s: float | None
) -> tuple[int | None, BaseException | None]:
    try:
        with program_deadline(record, limit_s):
            _run_as_main(argv) if call is None else _call(call, argv)
    except SystemExit as stop:
        code = stop.code
        if code:
            record.send("exception", **_describe(stop), stage="exit", steps=record.steps)
        return (code if isinstance(code, int) else 0 if code is None else 1), (stop if code else None)
    except TrainingEnded:
        return 0, None
    except BaseException as error:
        record.send("exception", **_describe(error), stage=record.stage_of(error), steps=record.steps)
        return 1, error
    return 0, None


def _run_as_main(argv: list[str]) -> None:
    if argv[0] == "-m":
        sys.argv = argv[1:]
        sys.path.insert(0, str(Path.cwd()))
        runpy.run_module(argv[1], run_name="__main__", alter_sys=True)
        return
    script = Path(argv[0]).resolve()
    sys.argv = list(argv)
    sys.path.insert(0, str(script.parent))
    main = ModuleType("__main__")
    main.__file__ = str(script)
    _make_part_of_package(main, script)
    sys.modules["__main__"] = main  # a real module, which outlives the script's last line as threads and pickle expect
    exec(compile(script.read_bytes(), str(script), "exec", dont_inherit=True), main.__dict__)


def _call(target: str, argv: list[str]) -> None:
    """Call `package.module:function` as an installed command does; the entry says where its package lies."""
    module, _, function = target.partition(":")
    sys.argv = list(argv)
    sys.path.insert(0, str(Path(argv[0]).resolve().parents[module.count(".")]))
    sys.exit(operator.attrgetter(function)(importlib.import_module(module))())


def _make_part_of_package(main: ModuleType, script: Path) -> None:
    """What a script in a package imports relative to itself is found, as it is by `python -m`; see PEP 366."""
    root, names = script.parent, []
    while root != Path.cwd() and (root / "__init__.py").is_file():
        names.insert(0, root.name)
        root = root.parent
    if names:
        main.__package__ = ".".join(names)
        sys.path.insert(1, str(root))


def _describe(error: BaseException) -> dict[str, Any]:
    """Type, message and innermost place in the program's files of what it raised."""
    place: tuple[str | None, int | None] = (None, None)
    trace = error.__traceback__
    while trace is not None:
        if is_users(trace.tb_frame.f_code.co_filename):
            place = relative(trace.tb_frame.f_code.co_filename), trace.tb_lineno
        trace = trace.tb_next
    if str(error).startswith("in user code"):
        told = re.findall(r'File "([^"]+)", line (\d+), in', str(error))
        place = next(((relative(file), int(line)) for file, line in reversed(told) if is_users(file)), place)
    if isinstance(error, SyntaxError) and error.filename:
        place = relative(error.filename), error.lineno
    return {
        "type": type(error).__name__,
        "message": _shortened(str(error)),
        "reads_arguments": _passed_through("argparse", error),
        "file": place[0],
        "line": place[1],
        "missing": getattr(error, "name", None) if isinstance(error, ImportError) else None,
    }


def _shortened(text: str) -> str:
    """Both ends: TensorFlow says where it was first, and what was wrong last."""
    return text if len(text) <= 2000 else f"{text[:1000]}\n…\n{text[-1000:]}"


def _passed_through(module: str, error: BaseException) -> bool:
    trace, names = error.__traceback__, []
    while trace is not None:
        names.append(trace.tb_frame.f_globals.get("__name__"))
        trace = trace.tb_next
    return module in names


def _watch_warnings(record: Record) -> None:
    show = warnings.showwarning

    def keep(message: Any, category: type, filename: str, lineno: int, file: Any = None, line: Any = None) -> None:
        if len(record.warnings) < 50:
            place = relative(filename) if is_users(filename) else None
            record.warnings.append(
                {
                    "message": str(message)[:500],
                    "file": place,
                    "line": lineno if place else None,
                }
            )
        show(message, category, filename, lineno, file, line)

    warnings.showwarning = keep
