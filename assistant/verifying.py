"""`gradproof verify`: a program as it is, run and watched, linted, and its report written in the forms asked for."""

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from assistant.app import Assistant
from assistant.errors import RequestError
from assistant.report.linted import with_lint
from assistant.report.page import render_page
from assistant.report.sarif import render_sarif
from sandbox.entry import Framework
from sandbox.errors import ProgramError
from sandbox.project_tests import has_tests
from sandbox.report import RunReport
from sandbox.schema import Limits
from sandbox.silence import silence
from sandbox.sources import Program, read_program
from sandbox.verify import verify

TRAINING_SHARE = 0.5
"""Of the time limit: the training loop is ended then, so that the script's later code is still seen."""


def open_program(path: Path, *, beside: Sequence[Path] = (), writes: Sequence[Path | None] = ()) -> Program:
    """The program to verify. Raises RequestError where it cannot be read, or a file of `writes` cannot be written."""
    for file in filter(None, writes):
        _check_writable(file, path)
    if path.suffix == ".ipynb" and path.is_file():
        raise RequestError(f"{str(path)!r} is a notebook; make it a script first: jupyter nbconvert --to script {path}")
    try:
        return read_program(path, beside=beside)
    except ProgramError as error:
        raise RequestError(str(error)) from error


def _check_writable(file: Path, program: Path) -> None:
    """A report that has nowhere to go, or would replace code, is refused before anything runs."""
    if not file.absolute().parent.is_dir():
        raise RequestError(f"{str(file)!r} cannot be written: its folder does not exist; make it first")
    if file.is_dir():
        raise RequestError(f"{str(file)!r} cannot be written: it is a folder; give the name of a file in it")
    if file.suffix == ".py" or file.resolve() == program.resolve():
        raise RequestError(f"{str(file)!r} would be replaced by the report; name another file")


def verify_program(
    program: Program,
    assistant: Assistant,
    *,
    path: str,
    framework: Framework | None,
    entry: str | None,
    argv: Sequence[str],
    env: Mapping[str, str],
    shape: Sequence[int] | None,
    max_steps: int | None,
    time_limit_s: float,
    on_event: Callable[[str, dict[str, Any]], None],
    cancel: threading.Event,
) -> RunReport:
    """The report of one run with what lint sees beside it, less what the program's own comments silence.

    Raises RequestError where it is not clear what is to be run.
    """
    try:
        report = verify(
            program.files,
            framework=framework,
            sandbox=assistant.open_sandbox(),
            entry=PurePosixPath(entry).as_posix() if entry else program.entry,
            argv=argv,
            env=env,
            tests=has_tests(program.files.keys() - program.beside),
            foreign=True,
            shape=shape,
            limits=Limits(wall_s=time_limit_s),
            max_steps=max_steps,
            max_train_s=time_limit_s * TRAINING_SHARE,
            path=path,
            on_event=on_event,
            cancel=cancel,
        )
    except ProgramError as error:
        raise RequestError(str(error)) from error
    versions = assistant.installed(report.framework).interpreter.versions
    return silence(with_lint(report, program.files, versions=versions), program.files)


def write_report(report: RunReport, program: Program, *, sarif: Path | None, html: Path | None) -> None:
    """Write the forms that were asked for. Raises RequestError where a file cannot be written."""
    for file, text in ((sarif, render_sarif), (html, render_page)):
        if file is None:
            continue
        try:
            file.write_text(text(report, program.files), encoding="utf-8")
        except OSError as error:
            raise RequestError(f"{str(file)!r} cannot be written: {error.strerror}; name another file") from error
