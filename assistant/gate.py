"""The gate: a draft is linted, run in the sandbox, watched, and held against what the user asked for."""

import threading
from collections.abc import Sequence

from assistant.drafters.base import Draft
from assistant.events import Tell
from assistant.lint import lint
from assistant.schema import Files, LintReport, PythonMLDLRequest
from assistant.scope.held_out import judge_held_out
from assistant.scope.judge import judge_scope
from assistant.targets import judge_targets
from sandbox.base import Sandbox
from sandbox.report import RunReport
from sandbox.runtime import Installed
from sandbox.schema import Limits
from sandbox.verify import verify


def lint_draft(draft: Draft, request: PythonMLDLRequest, runtime: Installed) -> tuple[Draft, LintReport]:
    """The draft after ruff's safe fixes, and what is left to complain about."""
    files, report = lint(
        draft.files, framework=request.framework, importable=runtime.modules, versions=runtime.interpreter.versions
    )
    return draft.model_copy(update={"files": files}), report


def described(report: LintReport) -> str:
    """The report in a word or two."""
    kind = "remarks on style" if report.passed else "complaints"
    return f"{len(report.diagnostics)} {kind}" if report.diagnostics else "clean"


def prove(
    draft: Draft,
    request: PythonMLDLRequest,
    sandbox: Sandbox,
    *,
    time_limit_s: float,
    on_event: Tell,
    cancel: threading.Event | None,
    before: tuple[Draft, RunReport | None] | None = None,
    unplanned: Sequence[str] = (),
) -> RunReport:
    """Run the whole training of a draft, and its tests; what was seen, and the verdict computed from it.

    `before` is what this draft repairs, and may not give up; `unplanned` is what was asked for beside the request.
    """
    report = verify(
        draft.files,
        framework=request.framework,
        sandbox=sandbox,
        entry=draft.entry,
        contract=draft.contract,
        limits=Limits(wall_s=time_limit_s),
        on_event=on_event,
        cancel=cancel,
    )
    repaired, seen = before or (None, None)
    judged = judge_held_out(request, report, unplanned=unplanned)
    judged = judge_targets(request.ml_task.performance_requirements, judged)
    judged = judge_scope(request, draft.files, judged, before=seen, before_files=repaired.files if repaired else None)
    for check in (one for one in judged.checks if one not in report.checks):
        on_event("check", check.model_dump())
    return judged


def readable(files: Files) -> dict[str, str]:
    """The files that a person can read."""
    return {name: content for name, content in files.items() if isinstance(content, str)}
