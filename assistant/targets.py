"""What the user demanded of the result, held against what was measured: a demand that was not measured is not met."""

from assistant.schema import PerformanceRequirements
from sandbox.report import CheckResult, RunReport


def judge_targets(requirements: PerformanceRequirements, report: RunReport) -> RunReport:
    """The report with a check for each demand."""
    judged = (_accuracy(requirements, report), _latency(requirements, report), _training_time(requirements, report))
    checks = [check for check in judged if check]
    if not checks:
        return report
    failed = any(check.status == "failed" for check in checks)
    status = "failed" if failed and report.status == "passed" else report.status
    return report.model_copy(update={"checks": [*report.checks, *checks], "status": status})


def _accuracy(requirements: PerformanceRequirements, report: RunReport) -> CheckResult | None:
    name, wanted = requirements.target_metric, requirements.target_value
    if name is None or wanted is None:
        return None
    got = report.metrics.evaluation.get(name)
    if got is None:
        message = f"{name} is not among the figures recomputed from this program; asked for at least {wanted:g}"
        return CheckResult(id="target-reached", status="failed", message=message, evidence={"wanted": wanted})
    message = f"{name} on held-out data is {got:.4f}; asked for at least {wanted:g}"
    return _compared("target-reached", message, measured=got, wanted=wanted, reached=got >= wanted)


def _latency(requirements: PerformanceRequirements, report: RunReport) -> CheckResult | None:
    wanted, got = requirements.max_inference_time_ms, report.metrics.inference_time_ms
    if wanted is None:
        return None
    if got is None:
        message = f"inference time could not be measured; asked for at most {wanted:g} ms"
        return CheckResult(id="inference-time", status="failed", message=message, evidence={"wanted": wanted})
    size = report.metrics.inference_batch_size
    message = f"a batch of {size} takes {got:.2f} ms; asked for at most {wanted:g} ms"
    return _compared("inference-time", message, measured=got, wanted=wanted, reached=got <= wanted)


def _training_time(requirements: PerformanceRequirements, report: RunReport) -> CheckResult | None:
    if requirements.max_training_time_hours is None:
        return None
    wanted = requirements.max_training_time_hours * 3600
    message = f"training and evaluation took {report.wall_s:.1f} s; asked for at most {wanted:g} s"
    return _compared("training-time", message, measured=report.wall_s, wanted=wanted, reached=report.wall_s <= wanted)


def _compared(name: str, message: str, *, measured: float, wanted: float, reached: bool) -> CheckResult:
    evidence = {"measured": measured, "wanted": wanted}
    return CheckResult(id=name, status="passed" if reached else "failed", message=message, evidence=evidence)
