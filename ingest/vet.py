"""Vet one pattern: run its program and its wrong example in the sandbox, and record what was seen."""

import threading
from datetime import UTC, datetime
from pathlib import Path

from ingest.outcome import LOGGED_DEPRECATION, declared_outcome, seen_to_do
from knowledge.schema import Pattern, Vetting
from sandbox.base import Sandbox
from sandbox.report import RunReport
from sandbox.schema import ExecResult, Job, Limits

LIMITS = Limits(wall_s=120.0)
KNOWN_CHECKS = {"runs", "no_deprecation_warning", "trains"}
TRAINED = ("forward_pass_works", "backward_pass_works", "training_loop_runs")
TRAINED_CHECKS = {"parameters-update", "loss-finite", "loss-falls"}


def vet(
    pattern: Pattern, *, sandbox: Sandbox, framework_version: str, python: str, cancel: threading.Event | None = None
) -> Vetting:
    """The record of running this pattern; `failed` says why it is not to be admitted. Raises SandboxError."""
    strict = "no_deprecation_warning" in pattern.checks
    result = run_program(
        pattern, pattern.code, sandbox=sandbox, warnings="error" if strict else "always", cancel=cancel
    )
    record = Vetting(
        sha256=pattern.sha256,
        framework_version=framework_version,
        python=python,
        date=datetime.now(UTC).date().isoformat(),
        tier=result.tier,
        checks=[],
        wall_s=round(result.wall_s, 2),
        peak_memory_mb=round(result.peak_memory_mb, 1),
    )
    seen: list[str] = []
    failed = _program_fault(pattern, result) or _check_training(pattern, sandbox, cancel)
    if failed is None:
        seen += pattern.checks
        outcome, failed = _check_wrong(pattern, sandbox, cancel)
        seen += ["wrong_fails_as_declared"] if outcome else []
        record = record.model_copy(update={"wrong_outcome": outcome})
    return record.model_copy(update={"checks": seen, "failed": failed})


def run_program(
    pattern: Pattern, code: str, *, sandbox: Sandbox, warnings: str, cancel: threading.Event | None = None
) -> ExecResult:
    """Run code as a program, with warnings of deprecation as errors ("error") or every warning printed ("always")."""
    entry = Path(__file__).with_name("_vet.py").read_text(encoding="utf-8")
    files: dict[str, str | bytes] = {"_vet.py": entry, "program.py": code}
    job = Job(runtime=pattern.framework, argv=["_vet.py", warnings, "program.py"], files=files, limits=LIMITS)
    return sandbox.run(job, cancel=cancel)


def _program_fault(pattern: Pattern, result: ExecResult) -> str | None:
    if unknown := sorted(set(pattern.checks) - KNOWN_CHECKS):
        return f"checks: {unknown[0]!r} is unknown; use {', '.join(sorted(KNOWN_CHECKS))}"
    if result.status != "ok":
        return f"the program {seen_to_do(result)}"
    logged = LOGGED_DEPRECATION.search(result.stderr)
    if logged and "no_deprecation_warning" in pattern.checks:
        return f"the program uses what is deprecated: {logged.group()}"
    return None


def _check_training(pattern: Pattern, sandbox: Sandbox, cancel: threading.Event | None) -> str | None:
    """Why this program was not seen to train, where it says that it does."""
    if "trains" not in pattern.checks:
        return None
    from sandbox.verify import verify

    files: dict[str, str | bytes] = {"program.py": pattern.code}
    report = verify(
        files,
        framework=pattern.framework,
        sandbox=sandbox,
        entry="program.py",
        tests=False,
        limits=LIMITS,
        cancel=cancel,
    )
    return training_fault(report)


def training_fault(report: RunReport) -> str | None:
    """The first thing that keeps this run from being a training that worked."""
    for field in TRAINED:
        if getattr(report.validation, field) is not True:
            return f"it was not seen to train: {field} is {getattr(report.validation, field)}"
    failed = [check for check in report.checks if check.id in TRAINED_CHECKS and check.status == "failed"]
    return f"it was not seen to train: {failed[0].message}" if failed else None


def _check_wrong(pattern: Pattern, sandbox: Sandbox, cancel: threading.Event | None) -> tuple[str | None, str | None]:
    if pattern.wrong is None:
        return None, None
    result = run_program(pattern, pattern.wrong, sandbox=sandbox, warnings="always", cancel=cancel)
    outcome, reason = declared_outcome(result, pattern.wrong_outcome or "")
    return outcome, reason or None
