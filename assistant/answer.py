"""From what was seen to the response: every figure is taken from a report, none is made up."""

from collections.abc import Mapping
from typing import Any

from assistant.deliverables import deliverables, next_steps
from assistant.design.composable import decline_sentence
from assistant.drafting import INSTEAD
from assistant.explain import Explained
from assistant.markdown import (
    explain_in_markdown,
    explanation_in_markdown,
    outdated_in_markdown,
    project_in_markdown,
)
from assistant.model.schema import Usage
from assistant.repair import best_attempt, next_approach, since_first_draft, verified
from assistant.retrieve import missing_patterns, used_patterns
from assistant.schema import Attempt, PerformanceReport, PythonMLDLResponse, ResponseError, ResponseMetrics
from knowledge.deprecations.asked import outdated_names
from knowledge.schema import Hit
from sandbox.report import Finding, RunReport, Validation

ERROR_KINDS = {
    "shape-mismatch": "model_error",
    "missing-import": "model_error",
    "syntax-error": "model_error",
    "out-of-memory": "model_error",
    "non-finite-loss": "training_error",
    "timeout": "training_error",
    "limit-exceeded": "training_error",
}


STUCK = "The same failure came back after every approach, so no further repair was tried."
NO_PATTERN = "No vetted pattern answers this. Name the API or the error text."
NO_MODEL = "No model is configured that could answer it: see GRADPROOF_MODEL."


def respond(state: Mapping[str, Any], *, thread_id: str, seconds: float) -> PythonMLDLResponse:
    """The response to the current question of a conversation."""
    understanding = state["understanding"]
    if understanding.kind == "decline":
        return _declined(state, thread_id, seconds, understanding.message)
    if understanding.kind == "explain":
        return _explanation(state, thread_id, seconds)
    if not state["drafts"]:
        missing = missing_patterns(state["request"], state["patterns"])
        return _declined(state, thread_id, seconds, decline_sentence(missing))
    return _project(state, thread_id, seconds)


def question_back(message: str, *, thread_id: str) -> PythonMLDLResponse:
    """The response where something must be known first."""
    return PythonMLDLResponse(
        request_id="",
        status="failed",
        execution_time_seconds=0.0,
        outcome="question",
        thread_id=thread_id,
        answer=message,
    )


def _declined(state: Mapping[str, Any], thread_id: str, seconds: float, text: str) -> PythonMLDLResponse:
    """With the reason why no model was asked, where one is configured."""
    told = "\n\n".join(part for part in (text, state["failure"]) if part)
    return _without_project(state, thread_id, seconds, "declined", told)


def _without_project(
    state: Mapping[str, Any], thread_id: str, seconds: float, outcome: Any, text: str
) -> PythonMLDLResponse:
    request = state["understanding"].request
    return PythonMLDLResponse(
        request_id=request.request_id if request else "",
        status="success" if outcome == "explained" else "failed",
        execution_time_seconds=round(seconds, 3),
        outcome=outcome,
        thread_id=thread_id,
        answer=text,
        framework=request.framework if request else None,
        request=request,
        assumptions=state["understanding"].assumptions,
        remarks=state["remarks"],
        **_asked(state),
    )


def _asked(state: Mapping[str, Any]) -> dict[str, Any]:
    """Which model was asked, and what that cost."""
    usage: Usage = state["usage"]
    return {"model": state["model"] if usage.calls else None, "usage": usage}


def _explanation(state: Mapping[str, Any], thread_id: str, seconds: float) -> PythonMLDLResponse:
    hits: list[Hit] = state["lessons"]
    explained: Explained | None = state["explained"]
    outdated = outdated_names(str(state["messages"][-1].text))
    if not hits and not explained and not outdated:
        return _declined(state, thread_id, seconds, NO_PATTERN if state["failure"] else f"{NO_PATTERN} {NO_MODEL}")
    response = _without_project(state, thread_id, seconds, "explained", "")
    if explained:
        hits = [hit for hit in hits if hit.pattern.id in explained.cited]
        response = response.model_copy(update={"drafter": "llm", "remarks": [*response.remarks, *explained.remarks]})
    elif state["failure"]:
        remark = f"{state['failure']} So the vetted patterns answer alone."
        response = response.model_copy(update={"remarks": [*response.remarks, remark]})
    text = explained.markdown if explained else explain_in_markdown(hits)
    text = explanation_in_markdown(
        response, "\n\n".join(part for part in (outdated_in_markdown(outdated), text) if part)
    )
    sources = {f"source {n}": [hit.pattern.id] for n, hit in enumerate(hits, 1)}
    names = ["explanation", *(f"also {n}" for n in range(2, len(hits) + 1))]
    patterns = used_patterns(dict(zip(names, hits, strict=False)), sources)
    return response.model_copy(update={"answer": text, "patterns": patterns})


def _project(state: Mapping[str, Any], thread_id: str, seconds: float) -> PythonMLDLResponse:
    attempts: list[Attempt] = state["attempts"]
    best = best_attempt(attempts)
    draft, report = state["drafts"][best], attempts[best].verify
    outcome = "verified" if verified(report) else "not_verified"
    drafted = [remark for one in state["drafts"] for remark in one.remarks]
    unplanned = state["understanding"].unplanned
    unseen = (
        [f"Nothing here can see whether it has {', '.join(unplanned)}: read the code for that."] if unplanned else []
    )
    instead = [f"{state['failure']} {INSTEAD}"] if state["failure"] else []
    response = PythonMLDLResponse(
        request_id=state["request"].request_id,
        status="success" if outcome == "verified" else "partial",
        execution_time_seconds=round(seconds, 3),
        deliverables=deliverables(draft, draft.design, state["request"], report),
        validation=report.validation if report else Validation(),
        metrics=_metrics(report),
        performance_report=_performance(report),
        next_steps=next_steps(draft, state["request"], report, verified=outcome == "verified"),
        errors=_errors(attempts[best]),
        outcome=outcome,
        thread_id=thread_id,
        best_attempt=attempts[best].n,
        answer="",
        drafter=draft.drafter,
        remarks=list(dict.fromkeys([*unseen, *instead, *state["remarks"], *drafted, *_stuck(attempts)])),
        **_asked(state),
        framework=state["request"].framework,
        request=state["request"],
        assumptions=state["understanding"].assumptions,
        design=draft.design.choices,
        patterns=used_patterns(draft.patterns, draft.sources),
        attempts=attempts,
    )
    text = project_in_markdown(response, report, state.get("repair"), prose=draft.prose)
    return response.model_copy(update={"answer": text})


def _stuck(attempts: list[Attempt]) -> list[str]:
    """Said where the attempts ended before their number was used up."""
    alike = next_approach(since_first_draft(attempts)) is None and not verified(attempts[-1].verify)
    return [STUCK] if alike else []


def _metrics(report: RunReport | None) -> ResponseMetrics:
    if report is None:
        return ResponseMetrics()
    seen = report.metrics
    return ResponseMetrics(
        **seen.model_dump(),
        estimated_training_time_hours=round(report.wall_s / 3600, 6),
        estimated_inference_time_ms=seen.inference_time_ms,
        memory_usage_gb=round(seen.peak_memory_mb / 1000, 4) if seen.peak_memory_mb is not None else None,
    )


def _performance(report: RunReport | None) -> PerformanceReport:
    if report is None:
        return PerformanceReport()
    measured = report.metrics.evaluation
    score = measured.get("accuracy", measured.get("r2"))
    warnings = [finding.fix or finding.message for finding in report.findings if finding.severity != "critical"]
    return PerformanceReport(
        baseline_metric=measured.get("baseline_accuracy", 0.0 if "r2" in measured else None),
        expected_metric=score,
        convergence_estimate=_convergence(report),
        recommendations=warnings,
    )


def _convergence(report: RunReport) -> Any:
    """fast, medium or slow: by the share of the steps after which nine tenths of the fall of the loss are done."""
    losses = [loss for _, loss in report.loss_curve]
    if len(losses) < 10 or losses[0] <= min(losses):
        return None
    threshold = losses[0] - 0.9 * (losses[0] - min(losses))
    share = next(n for n, loss in enumerate(losses) if loss <= threshold) / len(losses)
    return "fast" if share < 1 / 3 else "medium" if share < 2 / 3 else "slow"


def _errors(attempt: Attempt) -> list[ResponseError]:
    """Findings, failed checks, and what ruff is not content with."""
    severity = "warning" if attempt.lint.passed else "critical"
    complaints = [
        ResponseError(type="validation_error", message=item.message, file=item.file, line=item.line, severity=severity)
        for item in attempt.lint.diagnostics
    ]
    if attempt.verify is None:
        return complaints
    failed = [
        ResponseError(type="validation_error", message=check.message, severity="critical")
        for check in attempt.verify.checks
        if check.status == "failed"
    ]
    return [*(_error(finding) for finding in attempt.verify.findings), *failed, *complaints]


def _error(finding: Finding) -> ResponseError:
    return ResponseError(
        type=ERROR_KINDS.get(finding.id, "validation_error"),
        message=finding.message,
        file=finding.file,
        line=finding.line,
        severity=finding.severity,
    )
