"""What a draft has to show on data that it was not trained on, where the request leaves no doubt about what that is."""

from collections.abc import Sequence

from assistant.schema import PythonMLDLRequest
from assistant.scope.case import came_to_its_end
from assistant.scope.plausible import implausible
from sandbox.report import CheckResult, Finding, RunReport

JUDGED = ("classification", "regression")
"""Tasks whose samples each have a target, so that every draft can be evaluated in the same way."""
FATAL = ("train-test-overlap", "evaluation-in-train-mode", "training-in-eval-mode")
"""Warnings about a program that somebody else wrote; in a draft they make its figures worth nothing."""
ADVICE = (
    "After training, predict the samples that were held out, batch by batch from a DataLoader, with model.evaluate or "
    "with a loss or metric on the outputs, and compare the predictions with their targets"
)


def judge_held_out(request: PythonMLDLRequest, report: RunReport, *, unplanned: Sequence[str] = ()) -> RunReport:
    """The report of a draft that must show how good its model is; unchanged where the request leaves that open.

    `unplanned` is what was asked for and has no place in the request: such a task may be evaluated in any way.
    """
    if request.ml_task.type not in JUDGED or unplanned or not came_to_its_end(report):
        return report
    doubt = implausible(request, report)
    checks = [_demanded(one, doubt) for one in report.checks]
    findings = [_raised(one) for one in report.findings]
    worse = any(one.status == "failed" for one in checks) or any(one.severity == "critical" for one in findings)
    status = "failed" if worse and report.status == "passed" else report.status
    return report.model_copy(update={"checks": checks, "findings": findings, "status": status})


def _demanded(check: CheckResult, doubt: str | None) -> CheckResult:
    """The evaluation that was skipped or cannot be believed, failed: a draft may not leave it out."""
    if check.id == "evaluation" and check.status == "skipped":
        return check.model_copy(update={"status": "failed", "message": f"{check.message} {ADVICE}."})
    if check.id == "evaluation" and doubt:
        return check.model_copy(update={"status": "failed", "message": doubt})
    return check


def _raised(finding: Finding) -> Finding:
    return finding.model_copy(update={"severity": "critical"}) if finding.id in FATAL else finding
