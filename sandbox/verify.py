"""Check a program that trains a model: run it unchanged in the sandbox, watch it, and compute the verdict here."""

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sandbox.base import Sandbox
from sandbox.contract import Contract
from sandbox.entry import Framework, find_entry, function_to_call, imports_tensorboard, infer_framework
from sandbox.errors import ProgramError
from sandbox.evaluation import held_out, recompute
from sandbox.evidence import Evidence, read_evidence, read_losses
from sandbox.findings.devices import devices
from sandbox.findings.find import find_faults
from sandbox.findings.finding import Maker, one_line
from sandbox.findings.repeat import chance
from sandbox.findings.trial import learns
from sandbox.observed import look
from sandbox.project_tests import has_tests, judge_tests, run_tests
from sandbox.repeat import Losses, repeats, run_again
from sandbox.report import CheckResult, Finding, Metrics, NotChecked, RunReport, verdict
from sandbox.scalars import EVENT_FILES, Scalars, event_files, read_scalars
from sandbox.schema import ExecResult, Job, Limits
from sandbox.signed import KEY, genuine, new_word
from sandbox.verdict import run_checks, tensorboard_logs, validation

CURVE_POINTS = 500

OnEvent = Callable[[str, dict[str, Any]], None]


def verify(
    files: Mapping[str, str | bytes],
    *,
    framework: Framework | None,
    sandbox: Sandbox,
    entry: str | None = None,
    argv: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    tests: bool | None = None,
    repeat: bool = True,
    foreign: bool = False,
    shape: Sequence[int] | None = None,
    contract: Contract | None = None,
    limits: Limits | None = None,
    max_steps: int | None = None,
    max_train_s: float | None = None,
    collect: Sequence[str] = (),
    path: str = ".",
    on_event: OnEvent | None = None,
    cancel: threading.Event | None = None,
) -> RunReport:
    """Run the entry under observation, and the project's own tests beside it.

    Raises ProgramError, in one sentence, where the entry or the framework is not clear. `tests=None` runs tests where
    there are any; `repeat` runs the first steps once more to compare. `foreign` is for programs that somebody
    else wrote: they are ended in time for a report, what they only define is made and called, with inputs of `shape`
    (without the batch) where one is given, and torchvision is stood in for where it is missing. `contract` is what a
    drafter declared of its program. `max_steps` and `max_train_s` end the training early and let the rest of the
    program run.
    `on_event` is told ("loss", {"step", "loss"}) and ("output", {"text"}) as they happen, then ("check", CheckResult
    as a dict) for each check.
    """
    entry = _entry(files, entry)
    framework = framework or infer_framework(files, entry)
    tell, cancel = on_event or (lambda _kind, _data: None), cancel or threading.Event()
    limits, word = limits or Limits(), new_word()
    ends = {"max_steps": max_steps, "max_train_s": max_train_s, "limit_s": limits.wall_s if foreign else None}
    made = {"call": function_to_call(files, entry), "shape": list(shape) if shape is not None else None}
    job = Job(
        runtime=framework,
        argv=[entry, *argv],
        files=dict(files),
        observe={"framework": framework, "foreign": foreign, KEY: word, **ends, **made},
        env=dict(env or {}),
        collect=[EVENT_FILES, *collect],
        limits=limits,
    )
    wanted = has_tests(files) if tests is None else tests
    result, tested = _run(job, framework, sandbox, tests=wanted, cancel=cancel, tell=tell)
    evidence = _evidence(result, word, contract)
    again = run_again(job, evidence, sandbox, cancel) if repeat else None
    return _report(result, evidence, tested, again, files=files, framework=framework, entry=entry, path=path, tell=tell)


def _entry(files: Mapping[str, str | bytes], entry: str | None) -> str:
    entry = entry or find_entry(files)
    if entry not in files:
        raise ProgramError(f"there is no file {entry!r} to run; give its path inside the folder")
    return entry


def _evidence(result: ExecResult, word: str, contract: Contract | None) -> Evidence:
    """What the observers wrote, and what was only made to look like it."""
    frames, forged = genuine(result.evidence, word)
    return read_evidence(frames, contract=contract).model_copy(update={"forged": forged})


def _run(
    job: Job, framework: Framework, sandbox: Sandbox, *, tests: bool, cancel: threading.Event, tell: OnEvent
) -> tuple[ExecResult, ExecResult | None]:
    """The observed run, and beside it that of the project's own tests."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        testing = beside.submit(run_tests, job.files, framework, sandbox, job.limits, cancel) if tests else None
        try:
            result = sandbox.run(
                job, on_output=lambda text: tell("output", {"text": text}), on_evidence=_progress(tell), cancel=cancel
            )
        except BaseException:
            cancel.set()  # the tests would be waited for
            raise
        return result, testing.result() if testing is not None else None


def _progress(tell: OnEvent) -> Callable[[dict[str, Any]], None]:
    def on_evidence(frame: dict[str, Any]) -> None:
        if frame.get("kind") == "steps":
            for step, loss, _ in read_losses(frame):
                tell("loss", {"step": step, "loss": loss})

    return on_evidence


def _report(
    result: ExecResult,
    evidence: Evidence,
    tested: ExecResult | None,
    again: Losses | None,
    *,
    files: Mapping[str, str | bytes],
    framework: Framework,
    entry: str,
    path: str,
    tell: OnEvent,
) -> RunReport:
    logs = event_files(result.artifacts)
    evidence.scalars = read_scalars(result.artifacts)
    checks = _checks(result, evidence, tested, again, files=files, logs=len(logs))
    for one in checks:
        tell("check", one.model_dump())
    findings = find_faults(evidence, result, entry, files)
    findings = chance(findings, checks[-1], evidence.counted, Maker(entry))
    forward = evidence.probes.get("forward", {})
    return RunReport(
        status=_status(result, evidence, checks, findings),
        framework=framework,
        path=path,
        checks=checks,
        findings=findings,
        not_checked=not_checked(evidence, checks),
        validation=validation(checks),
        metrics=measure(evidence, result),
        wall_s=result.wall_s,
        loss_curve=loss_curve(evidence),
        gradient_norms=_thin([(step, norm) for step, norm in evidence.counted.gradient_norms if math.isfinite(norm)]),
        scalars=_thinned(evidence.scalars),
        model_summary=str(evidence.probes.get("summary", {}).get("text", "")),
        input_shape=_shape(forward.get("input_shape")),
        output_shape=_shape(forward.get("output_shape")),
        seen=look(evidence, logs=[one.path for one in logs]),
        contract=evidence.contract,
        stand_ins=evidence.facts.stand_ins if evidence.facts else [],
        stdout=result.stdout,
        stderr=result.stderr,
        gpu=result.gpu,
        tier=result.tier,
        warm=result.warm,
        artifacts=result.artifacts,
    )


def _checks(
    result: ExecResult,
    evidence: Evidence,
    tested: ExecResult | None,
    again: Losses | None,
    *,
    files: Mapping[str, str | bytes],
    logs: int,
) -> list[CheckResult]:
    """In the order in which they are told; that of the repetition comes last."""
    bounded = bool(evidence.counted.bounded or evidence.counted.cut)
    expected = imports_tensorboard(files)
    logged = tensorboard_logs(evidence.scalars, files=logs, expected=expected, bounded=bounded)
    run = run_checks(evidence, result)
    return [*run, logged, learns(evidence), judge_tests(tested), repeats(evidence, again)]


def _status(result: ExecResult, evidence: Evidence, checks: Sequence[CheckResult], findings: Sequence[Finding]) -> Any:
    if result.status == "refused" or (result.status == "ok" and not evidence.started):
        return "error"
    if evidence.counted.constructed is not None and evidence.counted.constructed.reason is not None:
        return "error"
    return verdict(checks, findings)


def not_checked(evidence: Evidence, checks: Sequence[CheckResult]) -> list[NotChecked]:
    """What was skipped, with its reason, and each probe of the trained model that gave no figures."""
    found = [NotChecked(id=one.id, reason=one.message) for one in checks if one.status == "skipped"]
    for name, figures in evidence.probes.items():
        if "skipped" in figures:
            found.append(NotChecked(id=name, reason=str(figures["skipped"])))
        elif "error" in figures:
            found.append(NotChecked(id=name, reason=f"The trained model raised {one_line(str(figures['error']))}"))
    found += [NotChecked(id="observers", reason=one_line(one)) for one in evidence.counted.trouble[:3]]
    return found


def measure(evidence: Evidence, result: ExecResult) -> Metrics:
    """Figures of the trained model, from the probes and from the last pass over held-out data."""
    size, timing = evidence.probes.get("size", {}), evidence.probes.get("timing", {})
    model, facts, chosen = evidence.model, evidence.facts, held_out(evidence)
    own = sum(one.values for one in evidence.counted.parameters if one.trainable) or None
    return Metrics(
        num_parameters=size.get("parameters", model.parameters if model else own),
        num_trainable_parameters=size.get("trainable", model.trainable if model else own),
        model_size_mb=(size.get("bytes") or (model.bytes if model else 0)) / 1e6 or None,
        flops=evidence.probes.get("flops", {}).get("flops"),
        inference_time_ms=timing.get("median_ms"),
        inference_time_p95_ms=timing.get("p95_ms"),
        inference_batch_size=timing.get("rows"),
        step_time_ms=facts.step_time_ms if facts else None,
        peak_memory_mb=result.peak_memory_mb,
        device=", ".join(devices(evidence)) or None,
        peak_gpu_memory_mb=result.gpu.peak_memory_mb if result.gpu is not None else None,
        training_steps=evidence.steps,
        evaluation=_finite(recompute(chosen)) if chosen else {},
        evaluation_samples=len(chosen.target) if chosen else None,
    )


def _finite(figures: dict[str, float]) -> dict[str, float]:
    return {name: value for name, value in figures.items() if math.isfinite(value)}


def loss_curve(evidence: Evidence) -> list[tuple[int, float]]:
    """(optimiser step, mean of its losses), thinned to at most 500 points; the last one is kept."""
    by_step: dict[int, list[float]] = {}
    for step, loss, _ in evidence.losses:
        by_step.setdefault(step + 1, []).append(loss)
    points = [(step, sum(losses) / len(losses)) for step, losses in by_step.items()]
    return _thin(points)


def _thinned(scalars: Scalars) -> Scalars:
    return {tag: _thin(points) for tag, points in scalars.items()}


def _thin(points: list[tuple[int, float]]) -> list[tuple[int, float]]:
    every = -(-len(points) // CURVE_POINTS) or 1
    return points[(len(points) - 1) % every :: every] if points else []


def _shape(value: Any) -> list[int] | None:
    return [int(size) for size in value[1:]] if isinstance(value, list) and value else None
