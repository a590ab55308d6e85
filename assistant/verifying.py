"""`gradproof verify`: a program as it is, run and watched, linted, and its report written in the forms asked for."""

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.app import Assistant
from assistant.errors import RequestError
from assistant.report.linted import with_lint
from assistant.report.page import render_page
from assistant.report.sarif import render_sarif
from sandbox.entry import Framework
from sandbox.errors import ProgramError
from sandbox.report import RunReport
from sandbox.schema import Limits
from sandbox.silence import silence
from sandbox.sources import Program, read_program
from sandbox.verify import verify

TRAINING_SHARE = 0.5
"""Of the time limit: the training loop is ended then, so that the script's later code is still seen."""


def open_program(path: Path, *, beside: Sequence[Path] = (), writes: Sequence[Path | None] = ()) -> Program:
    """The program to verify. Raises RequestError where it cannot be read, or where a file of `writes` has no folder."""
    for file in filter(None, writes):
        if not file.absolute().parent.is_dir():
            raise RequestError(f"{str(file)!r} cannot be written: its folder does not exist; make it first")
    try:
        return read_program(path, beside=beside)
    except ProgramError as error:
        raise RequestError(str(error)) from error


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
            entry=entry or program.entry,
            argv=argv,
            env=env,
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
    versions = assistant.installed(report.framework).versions
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
