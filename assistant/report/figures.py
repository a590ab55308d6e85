"""The parts of a report in words: where a finding is, what its lines say, and each metric with its unit."""

import itertools
import math
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from sandbox.report import Finding, Metrics, RunReport
from sandbox.schema import GpuUse

SCALES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
BARS = "▁▂▃▄▅▆▇█"


class SourceLine(NamedTuple):
    number: int
    text: str
    found: bool
    """Whether the finding is on this line."""


def place(report: RunReport, finding: Finding) -> str:
    """The finding's file as it is seen from where the command was given."""
    base = PurePosixPath(report.path)
    return str((base.parent if base.suffix == ".py" else base) / finding.file)


def excerpt(files: Mapping[str, str | bytes], finding: Finding, *, around: int = 0) -> list[SourceLine]:
    """The finding's line, and as many around it; none where the line is not known."""
    text = files.get(finding.file)
    lines = text.replace("\r\n", "\n").split("\n") if isinstance(text, str) else []
    if finding.line is None or not 1 <= finding.line <= len(lines):
        return []
    first, last = max(1, finding.line - around), min(len(lines), finding.line + around)
    return [SourceLine(n, lines[n - 1].rstrip(), n == finding.line) for n in range(first, last + 1)]


def metrics(report: RunReport) -> list[tuple[str, str]]:
    """Each metric that was measured, as its name and its figure with a unit."""
    given = report.metrics
    rows = [
        ("parameters", _parameters(given)),
        ("size", None if given.model_size_mb is None else f"{given.model_size_mb:.3g} MB"),
        ("operations per sample", None if given.flops is None else f"{_scaled(given.flops)}FLOP"),
        ("optimiser steps", None if given.training_steps is None else f"{given.training_steps:,}"),
        ("time per step", None if given.step_time_ms is None else f"{given.step_time_ms:.3g} ms in the median"),
        ("inference time", _inference(given)),
        ("peak memory", None if given.peak_memory_mb is None else f"{given.peak_memory_mb:,.0f} MB"),
        ("trained on", given.device if report.gpu is not None else None),
        ("GPU", None if report.gpu is None else f"{report.gpu.name}, {_gpu_use(report.gpu)}"),
    ]
    return [(name, text) for name, text in rows if text] + _evaluation(given)


def _gpu_use(gpu: GpuUse) -> str:
    """What its driver told."""
    if gpu.used is None:
        return "of whose use its driver told nothing"
    peak = "" if gpu.peak_memory_mb is None else f", with at most {gpu.peak_memory_mb:,.0f} MB"
    return f"used by the program{peak}" if gpu.used else "not used"


def _parameters(given: Metrics) -> str | None:
    if given.num_parameters is None:
        return None
    trainable = given.num_trainable_parameters
    told = {given.num_parameters: ", all trainable", None: ""}.get(trainable, f", {trainable:,} of them trainable")
    return f"{given.num_parameters:,}{told}"


def _inference(given: Metrics) -> str | None:
    if given.inference_time_ms is None:
        return None
    slow = "" if given.inference_time_p95_ms is None else f", {given.inference_time_p95_ms:.3g} ms at p95"
    batch = "" if given.inference_batch_size is None else f", for a batch of {given.inference_batch_size}"
    return f"{given.inference_time_ms:.3g} ms in the median{slow}{batch}"


def _evaluation(given: Metrics) -> list[tuple[str, str]]:
    on = f"on {given.evaluation_samples:,} held-out samples" if given.evaluation_samples else "on held-out samples"
    return [(name.replace("_", " "), f"{value:.4f} {on}") for name, value in given.evaluation.items()]


def _scaled(value: float) -> str:
    size, unit = next(((size, unit) for size, unit in SCALES if value >= size), (1.0, ""))
    return f"{value / size:.3g} {unit}"


def sparkline(points: Sequence[tuple[int, float]], *, width: int = 40) -> str:
    """The values as bars, averaged to the width; empty where fewer than two are finite."""
    values = [value for _, value in points if math.isfinite(value)]
    if len(values) < 2:
        return ""
    columns = min(width, len(values))
    cuts = [round(n * len(values) / columns) for n in range(columns + 1)]
    means = [sum(values[a:b]) / (b - a) for a, b in itertools.pairwise(cuts)]
    low, high = min(means), max(means)
    return "".join(BARS[round((value - low) / ((high - low) or 1.0) * (len(BARS) - 1))] for value in means)


def counted(number: int, noun: str) -> str:
    """A number with its noun in the singular or plural."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def conclusion(report: RunReport) -> str:
    """What was found and checked, in one line."""
    severities = [one.severity for one in report.findings]
    statuses = [one.status for one in report.checks]
    found = [counted(severities.count(kind), kind) for kind in ("critical", "warning") if kind in severities]
    found += [f"{severities.count('info')} to know"] if "info" in severities else []
    found += [f"{len(report.silenced)} silenced"] if report.silenced else []
    checks = [f"{statuses.count(kind)} {kind}" for kind in ("passed", "failed", "skipped") if kind in statuses]
    return f"findings: {', '.join(found) or 'none'}; checks: {', '.join(checks)}; {report.wall_s:.1f} s"
