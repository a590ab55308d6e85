"""What the user demanded of the result, held against what was measured: a demand that was not measured is not met."""

from assistant.schema import PerformanceRequirements
from sandbox.report import CheckResult, RunReport

MEASURED_AS = {"accuracy": "accuracy", "mse": "mse"}
"""Target metrics that the checks recompute, and their names in the report."""


def judge_targets(requirements: PerformanceRequirements, report: RunReport) -> RunReport:
    """The report with a check for each demand; a metric that is never recomputed is skipped, with the reason."""
    checks = [check for check in (_metric(requirements, report), _latency(requirements, report)) if check]
    if not checks:
        return report
    failed = any(check.status == "failed" for check in checks)
    status = "failed" if failed and report.status == "passed" else report.status
    return report.model_copy(update={"checks": [*report.checks, *checks], "status": status})


def _metric(requirements: PerformanceRequirements, report: RunReport) -> CheckResult | None:
    name, wanted = requirements.target_metric, requirements.target_value
    if name is None or wanted is None:
        return None
    got = report.metrics.evaluation.get(MEASURED_AS.get(name, name))
    if got is None and name == "mse" and "rmse" in report.metrics.evaluation:
        got = report.metrics.evaluation["rmse"] ** 2
    if got is None:
        message = f"{name} is not among the figures recomputed from this program"
        status = "failed" if name in MEASURED_AS else "skipped"
        return CheckResult(id="target-reached", status=status, message=message, evidence={"wanted": wanted})
    reached = got <= wanted if name == "mse" else got >= wanted
    message = f"{name} on held-out data is {got:.4f}; asked for {'at most' if name == 'mse' else 'at least'} {wanted:g}"
    evidence = {"measured": got, "wanted": wanted}
    return CheckResult(
        id="target-reached", status="passed" if reached else "failed", message=message, evidence=evidence
    )


def _latency(requirements: PerformanceRequirements, report: RunReport) -> CheckResult | None:
    wanted, got = requirements.max_inference_time_ms, report.metrics.inference_time_ms
    if wanted is None:
        return None
    if got is None:
        return CheckResult(id="inference-time", status="skipped", message="inference time could not be measured")
    size = report.metrics.inference_batch_size
    message = f"a batch of {size} takes {got:.2f} ms; asked for at most {wanted:g} ms"
    evidence = {"measured": got, "wanted": wanted}
    return CheckResult(
        id="inference-time", status="passed" if got <= wanted else "failed", message=message, evidence=evidence
    )
