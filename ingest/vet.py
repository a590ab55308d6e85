"""Vet one pattern: run its program and its wrong example in the sandbox, and record what was seen."""

import secrets
import threading
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Literal

from ingest.ended import Run, with_its_end
from ingest.errors import CannotVet
from ingest.hidden import hidden, silences
from ingest.outcome import LOGGED_DEPRECATION, declared_outcome, seen_to_do
from ingest.reached import not_reached
from ingest.schema import Refusal
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


def vet(
    pattern: Pattern,
    *,
    sandbox: Sandbox,
    versions: dict[str, str],
    python: str,
    composed: bool = False,
    cancel: threading.Event | None = None,
) -> Vetting:
    """Run this pattern, and its wrong example; `failed` says why it is not to be admitted.

    `versions` are those that decide, the framework's own first. A `composed` program, which nobody wrote as it is,
    must reach what it shows. Raises SandboxError, and CannotVet for want of a GPU.
    """
    strict = "no_deprecation_warning" in pattern.checks
    warnings: Literal["error", "always"] = "error" if strict else "always"
    run = partial(run_program, pattern, pattern.code, sandbox=sandbox, warnings=warnings, cancel=cancel)
    first = run(trace=composed or bool(silences(pattern.code)))
    failed = _program_fault(pattern, first, composed=composed)
    if failed is None and "deterministic" in pattern.checks:
        failed = _difference(first.result, run().result)
    seen: dict[str, str] = {}
    if failed is None:
        seen, failed = _observe(pattern, sandbox, cancel)
    outcome = None
    if failed is None:
        outcome, failed = _check_wrong(pattern, sandbox, cancel)
    return Vetting(
        sha256=pattern.sha256,
        framework_version=next(iter(versions.values())),
        versions=versions,
        python=python,
        date=datetime.now(UTC).date().isoformat(),
        tier=first.result.tier,
        checks=[] if failed else [*pattern.checks, *(["wrong_fails_as_declared"] if outcome else [])],
        seen=seen,
        wall_s=round(first.result.wall_s, 2),
        peak_memory_mb=round(first.result.peak_memory_mb, 1),
        wrong_outcome=outcome,
        failed=failed.reason if failed else None,
        failed_about=failed.about if failed else None,
        failed_line=failed.line if failed else None,
    )


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


def _program_fault(pattern: Pattern, run: Run, *, composed: bool) -> Refusal | None:
    if unknown := sorted(set(pattern.checks) - KNOWN_CHECKS):
        return Refusal(f"checks: {unknown[0]!r} is unknown; use {', '.join(sorted(KNOWN_CHECKS))}")
    result, ended = run
    if result.status != "ok" or ended is None or ended.how == "raised":
        said, about = seen_to_do(run)
        return Refusal(f"the program {said}", about=f"the program {about}", line=ended.line if ended else None)
    if result.gpu is not None and result.gpu.used is False:
        return Refusal("the program was given a GPU and did not use it")
    logged = LOGGED_DEPRECATION.search(result.stderr)
    if logged and "no_deprecation_warning" in pattern.checks:
        about = "the program uses what is deprecated"
        return Refusal(f"{about}: {logged.group()}", about=about)
    return hidden(pattern.code, ended) or (not_reached(pattern.code, ended.lines) if composed else None)


def _difference(first: ExecResult, second: ExecResult) -> Refusal | None:
    """What was not the same in two runs of the same program."""
    if first.stdout != second.stdout:
        return Refusal("it is not deterministic: two runs printed different things")
    files = [{file.path: file.content for file in run.artifacts} for run in (first, second)]
    differ = sorted(path for path in files[0].keys() | files[1].keys() if files[0].get(path) != files[1].get(path))
    return Refusal(f"it is not deterministic: two runs wrote different {differ[0]!r}") if differ else None


def _observe(
    pattern: Pattern, sandbox: Sandbox, cancel: threading.Event | None
) -> tuple[dict[str, str], Refusal | None]:
    """What the observers told of each check that is theirs to decide, and why the program did not pass them."""
    asked = OBSERVED & set(pattern.checks)
    trains = "trains" in pattern.checks
    if not asked and not trains:
        return {}, None
    from sandbox.verify import verify  # heavy, and most patterns ask for none of its checks

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
    told = sorted(asked | (TRAINED_CHECKS if trains else set()))
    seen = {check: results[check].message for check in told if check in results}
    for check in sorted(asked):
        if check not in results or results[check].status != "passed":
            return seen, Refusal(f"{check} was not seen to hold: {seen.get(check, 'it was not reached')}")
    return seen, _training_fault(report) if trains else None


def _training_fault(report: RunReport) -> Refusal | None:
    """The first thing that keeps this run from being a training that worked."""
    for field in TRAINED:
        if getattr(report.validation, field) is not True:
            return Refusal(f"it was not seen to train: {field} is {getattr(report.validation, field)}")
    failed = [check for check in report.checks if check.id in TRAINED_CHECKS and check.status == "failed"]
    return Refusal(f"it was not seen to train: {failed[0].message}") if failed else None


def _check_wrong(
    pattern: Pattern, sandbox: Sandbox, cancel: threading.Event | None
) -> tuple[str | None, Refusal | None]:
    if pattern.wrong is None:
        return None, None
    run = run_program(pattern, pattern.wrong, sandbox=sandbox, warnings="always", cancel=cancel)
    outcome, reason = declared_outcome(run, pattern.wrong_outcome or "")
    return outcome, Refusal(reason) if reason else None
