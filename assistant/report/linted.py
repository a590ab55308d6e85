"""What lint sees in a program that is checked as it is, as findings beside those of its run."""

from collections.abc import Iterator, Mapping

from assistant.lint import find_deprecated, find_errors
from assistant.schema import Diagnostic
from sandbox.findings.finding import Maker
from sandbox.report import Finding, RunReport, Severity, verdict, worst_first

IDS: dict[str, tuple[str, Severity]] = {
    "removed-api": ("removed-api", "warning"),
    "deprecated-api": ("deprecated-api", "info"),
    "F821": ("undefined-name", "warning"),
}
"""Code of lint -> finding; every other code of ruff's is a `code-error`."""
ENDED_BY = ("crash", "missing-import")
"""Findings that say no more of a line than that it ended the run."""
RAISES = ("removed-api", "F821")
"""What lint knows to raise, and what to write instead."""
SYNTAX = ("syntax-error", "E999", "invalid-syntax")
"""Where they are in the file that ran, the run has said so, and elsewhere they ended nothing."""


def with_lint(
    report: RunReport, files: Mapping[str, str | bytes], *, versions: Mapping[str, str] | None = None
) -> RunReport:
    """The report with what lint found on other lines than the run; a line that ended the run is told what to write.

    `versions` are those of the interpreter that ran the program.
    """
    told = [*find_errors(dict(files)), *find_deprecated(files, report.framework, versions=versions)]
    by_line = {(one.file, one.line): one for one in reversed(told) if one.code in RAISES}
    run = [_with_fix(one, by_line.get((one.file, one.line or 0))) for one in report.findings]
    seen = {(one.file, one.line) for one in run if one.severity == "critical"}
    found = worst_first([*run, *_findings(told, seen)])
    status = report.status if report.status == "error" else verdict(report.checks, found)
    return report.model_copy(update={"findings": found, "status": status})


def _with_fix(finding: Finding, said: Diagnostic | None) -> Finding:
    """What lint says instead of the fix of a finding that only tells that the line raises."""
    if said is None or finding.id not in ENDED_BY:
        return finding
    return finding.model_copy(update={"fix": said.fix or said.message})


def _findings(told: list[Diagnostic], seen: set[tuple[str, int | None]]) -> Iterator[Finding]:
    for one in told:
        if (one.file, one.line) not in seen and one.code not in SYNTAX:
            id, severity = IDS.get(one.code, ("code-error", "warning"))
            yield Maker(one.file)(id, severity, one.message, one.fix or "Correct this line.", at=(one.file, one.line))
