"""Vet one pattern: run its program and its wrong example in the sandbox, and record what was seen."""

import secrets
import threading
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

from ingest.ended import Run, with_its_end
from ingest.outcome import LOGGED_DEPRECATION, declared_outcome, seen_to_do
from knowledge.schema import Pattern, Vetting
from sandbox.base import Sandbox
from sandbox.report import RunReport
from sandbox.schema import ExecResult, Job, Limits

LIMITS = Limits(wall_s=120.0)
OBSERVED = {
    "model-builds",
    "forward-pass",
    "backward-pass",
    "training-steps",
    "parameters-update",
    "loss-finite",
    "loss-falls",
    "evaluation",
    "model-loads",
    "eval-determinism",
    "batch-independence",
}
"""Checks of `gradproof verify` that a pattern can ask for by name."""
KNOWN_CHECKS = {"runs", "no_deprecation_warning", "deterministic", "trains"} | OBSERVED
TRAINED = ("forward_pass_works", "backward_pass_works", "training_loop_runs")
TRAINED_CHECKS = {"parameters-update", "loss-finite", "loss-falls"}


class CannotVet(Exception):
    """This machine lacks what the pattern needs, which says nothing about the pattern."""


class Vetted(NamedTuple):
    """What came of vetting one pattern."""

    record: Vetting
    """`failed` says why it is not to be admitted."""
    first: Run
    """Of the program as it is."""


def vet(
    pattern: Pattern,
    *,
    sandbox: Sandbox,
    versions: dict[str, str],
    python: str,
    trace: bool = False,
    cancel: threading.Event | None = None,
) -> Vetted:
    """Run this pattern, and its wrong example.

    `versions` are those that decide, the framework's own first; `trace` asks which lines are reached. Raises
    SandboxError, and CannotVet for want of a GPU.
    """
    strict = "no_deprecation_warning" in pattern.checks
    run = partial(run_program, pattern, pattern.code, sandbox=sandbox, warnings="error" if strict else "always")
    first = run(trace=trace, cancel=cancel)
    result = first.result
    failed = _program_fault(pattern, first)
    if failed is None and "deterministic" in pattern.checks:
        failed = _difference(result, run(cancel=cancel).result)
    seen: dict[str, str] = {}
    if failed is None:
        seen, failed = _observe(pattern, sandbox, cancel)
    outcome = None
    if failed is None:
        outcome, failed = _check_wrong(pattern, sandbox, cancel)
    record = Vetting(
        sha256=pattern.sha256,
        framework_version=next(iter(versions.values())),
        versions=versions,
        python=python,
        date=datetime.now(UTC).date().isoformat(),
        tier=result.tier,
        checks=[] if failed else [*pattern.checks, *(["wrong_fails_as_declared"] if outcome else [])],
        seen=seen,
        wall_s=round(result.wall_s, 2),
        peak_memory_mb=round(result.peak_memory_mb, 1),
        wrong_outcome=outcome,
        failed=failed,
    )
    return Vetted(record, first)


def run_program(
    pattern: Pattern,
    code: str,
    *,
    sandbox: Sandbox,
    warnings: Literal["error", "always"],
    trace: bool = False,
    cancel: threading.Event | None = None,
) -> Run:
    """Run code as a program, with warnings of deprecation as errors ("error") or every warning printed ("always")."""
    entry = Path(__file__).with_name("_vet.py").read_text(encoding="utf-8")
    word = secrets.token_hex(16)
    job = Job(
        runtime=pattern.framework,
        argv=["_vet.py", warnings, word, "program.py", *(["lines"] if trace else [])],
        files={"_vet.py": entry, "program.py": code},
        collect=["**/*"] if "deterministic" in pattern.checks else [],
        gpu=pattern.device == "cuda",
        limits=LIMITS,
    )
    result = sandbox.run(job, cancel=cancel)
    if pattern.device == "cuda" and result.gpu is None:
        raise CannotVet("it needs a GPU, and programs in the sandbox have none here; `gradproof doctor` says why")
    return with_its_end(result, word)


def _program_fault(pattern: Pattern, run: Run) -> str | None:
    if unknown := sorted(set(pattern.checks) - KNOWN_CHECKS):
        return f"checks: {unknown[0]!r} is unknown; use {', '.join(sorted(KNOWN_CHECKS))}"
    result = run.result
    if result.status != "ok" or run.ended is None or run.ended.how == "raised":
        return f"the program {seen_to_do(run)}"
    if result.gpu is not None and result.gpu.used is False:
        return "the program was given a GPU and did not use it"
    logged = LOGGED_DEPRECATION.search(result.stderr)
    if logged and "no_deprecation_warning" in pattern.checks:
        return f"the program uses what is deprecated: {logged.group()}"
    return None


def _difference(first: ExecResult, second: ExecResult) -> str | None:
    """What was not the same in two runs of the same program."""
    if first.stdout != second.stdout:
        return "it is not deterministic: two runs printed different things"
    files = [{file.path: file.content for file in run.artifacts} for run in (first, second)]
    differ = sorted(path for path in files[0].keys() | files[1].keys() if files[0].get(path) != files[1].get(path))
    return f"it is not deterministic: two runs wrote different {differ[0]!r}" if differ else None


def _observe(pattern: Pattern, sandbox: Sandbox, cancel: threading.Event | None) -> tuple[dict[str, str], str | None]:
    """What the observers told of each check that is theirs to decide, and why the program did not pass them."""
    asked = OBSERVED & set(pattern.checks)
    trains = "trains" in pattern.checks
    if not asked and not trains:
        return {}, None
    from sandbox.verify import verify

    report = verify(
        {"program.py": pattern.code},
        framework=pattern.framework,
        sandbox=sandbox,
        entry="program.py",
        tests=False,
        limits=LIMITS,
        cancel=cancel,
    )
    results = {check.id: check for check in report.checks}
    seen = {id: results[id].message for id in sorted(asked | (TRAINED_CHECKS if trains else set())) if id in results}
    for id in sorted(asked):
        if id not in results or results[id].status != "passed":
            return seen, f"{id} was not seen to hold: {seen.get(id, 'it was not reached')}"
    return seen, training_fault(report) if trains else None


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
    run = run_program(pattern, pattern.wrong, sandbox=sandbox, warnings="always", cancel=cancel)
    outcome, reason = declared_outcome(run, pattern.wrong_outcome or "")
    return outcome, reason or None
