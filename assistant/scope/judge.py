"""The scope lock: what the user stated, held against what a draft was seen to do. What nothing shows is not judged."""

from typing import Any

from assistant.request.fields import field_values
from assistant.schema import Files, PythonMLDLRequest
from assistant.scope import data, losses, model, schedule, task, training
from assistant.scope.case import Case, Contradiction, Outcome, Rule, came_to_its_end
from assistant.scope.evasions import find_evasions
from assistant.scope.held_out import JUDGED
from assistant.scope.repairs import judge_repair
from assistant.scope.sources import read_sources
from sandbox.report import CheckResult, Finding, RunReport, worst_first

ID = "scope-kept"
MEANINGFUL_NONE = ("training_config.lr_scheduler", "training_config.gradient_clipping")
"""Fields whose stated absence is a demand."""
OF_THE_FILE = (f"{data.INFO}.dataset_path", f"{data.INFO}.num_samples")
"""An attached file is meant, all of its rows, whether the question speaks of them or not."""


def framework(asked: str, case: Case) -> Outcome | None:
    return Outcome(case.report.framework == asked, case.report.framework)


RULES: dict[str, Rule] = {
    "framework": framework,
    **task.RULES,
    **model.RULES,
    **data.RULES,
    **training.RULES,
    **schedule.RULES,
    **losses.RULES,
}


def judge_scope(
    request: PythonMLDLRequest,
    files: Files,
    report: RunReport,
    *,
    before: RunReport | None = None,
    before_files: Files | None = None,
) -> RunReport:
    """The report with the check "scope-kept", and with findings for code that makes a verdict look better than it is.

    `before` and `before_files` are of the attempt that this one repairs. The status becomes failed where what the user
    stated is contradicted, where the repair gave something up, or where an evasion is critical.
    """
    evasions = [_weighed(one, request) for one in find_evasions(files, before_files)]
    check = _check(request, files, report, before, before_files)
    worse = check.status == "failed" or any(one.severity == "critical" for one in evasions)
    status = "failed" if worse and report.status == "passed" else report.status
    findings = worst_first([*report.findings, *evasions])
    return report.model_copy(update={"checks": [*report.checks, check], "findings": findings, "status": status})


def _weighed(finding: Finding, request: PythonMLDLRequest) -> Finding:
    """Labels among the inputs may be meant by a generative model, never where they are what is asked for."""
    leaks = finding.id == "labels-in-inputs" and request.ml_task.type in JUDGED
    return finding.model_copy(update={"severity": "critical"}) if leaks else finding


def _check(
    request: PythonMLDLRequest, files: Files, report: RunReport, before: RunReport | None, before_files: Files | None
) -> CheckResult:
    outcomes = _outcomes(request, files, report)
    values = field_values(request)
    wrong = [
        Contradiction(field=name, asked=values[name], seen=outcome.seen)
        for name, outcome in outcomes.items()
        if not outcome.kept
    ]
    wrong += judge_repair(request, before=before, before_files=before_files, after=report, after_files=files)
    evidence = {"contradicted": [one.model_dump() for one in wrong], "judged": list(outcomes)}
    if wrong:
        return CheckResult(id=ID, status="failed", message=_sentence(wrong), evidence=evidence)
    if not outcomes:
        return CheckResult(
            id=ID, status="skipped", message="Nothing that was asked for could be seen.", evidence=evidence
        )
    message = f"Seen as asked for: {', '.join(_short(name) for name in outcomes)}."
    return CheckResult(id=ID, status="passed", message=message, evidence=evidence)


def _outcomes(request: PythonMLDLRequest, files: Files, report: RunReport) -> dict[str, Outcome]:
    """What can be said of each stated field; nothing of a program that did not come to its end."""
    if not report.seen.observed or not came_to_its_end(report):
        return {}
    case = Case(request, report, read_sources(files), frozenset(files))
    values = field_values(request)
    found: dict[str, Outcome] = {}
    attached = OF_THE_FILE if request.ml_task.dataset_info.dataset_path else ()
    for name in dict.fromkeys([*request.stated, *attached]):
        asked = values.get(name)
        if name in RULES and (asked is not None or name in MEANINGFUL_NONE):
            outcome = RULES[name](asked, case)
            if outcome is not None:
                found[name] = outcome
    return found


def _sentence(wrong: list[Contradiction]) -> str:
    asked = [
        f"{one.field}: asked for {_value(one.asked)}, seen {_value(one.seen)}" for one in wrong if not one.given_up
    ]
    lost = [f"{one.field}, {_value(one.asked)} before, {_value(one.seen)} now" for one in wrong if one.given_up]
    told = [*_listed("not what was asked for", asked), *_listed("given up by the repair", lost)]
    sentence = "; ".join(told)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _listed(what: str, items: list[str]) -> list[str]:
    """At most four of them."""
    more = f"; and {len(items) - 4} more" if len(items) > 4 else ""
    return [f"{what}: {'; '.join(items[:4])}{more}"] if items else []


def _short(name: str) -> str:
    """A field without its section: "early_stopping.enabled"."""
    return name.removeprefix(f"{data.INFO}.").partition("_config.")[2] or name.removeprefix(f"{data.INFO}.")


def _value(value: Any) -> str:
    return "none" if value is None else str(value)
