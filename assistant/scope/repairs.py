"""What a repair gave up: a smaller model, less data, fewer tests, an evaluation or a log that is gone."""

from typing import Any

from pydantic import BaseModel

from assistant.schema import PythonMLDLRequest
from assistant.scope.asserts import lost_tests
from assistant.scope.model import count, is_sized
from assistant.scope.sources import Files, read_sources
from sandbox.report import RunReport
from sandbox.seen import Seen

RESOURCES = {"out-of-memory", "timeout"}
DEMANDS = {"inference-time", "training-time"}
"""Findings and failed checks that are mended by doing less."""
LESS = 0.5


class GivenUp(BaseModel):
    """One thing that was there before a repair and is not any more."""

    field: str
    before: Any
    after: Any


def judge_repair(
    request: PythonMLDLRequest,
    *,
    before: RunReport | None,
    before_files: Files | None,
    after: RunReport,
    after_files: Files,
) -> list[GivenUp]:
    """What the later attempt has lost against the earlier one and was not allowed to lose; empty without one."""
    found: list[GivenUp] = []
    if before is not None:
        spent = {one.id for one in before.findings} & RESOURCES | failed_checks(before) & DEMANDS
        found += _evaluation(before, after) + _logs(request, before, after)
        found += [] if spent else _model(request, before, after) + _samples(request, before, after)
    if before_files is not None:
        lost = lost_tests(read_sources(before_files), read_sources(after_files))
        found += [GivenUp(field="tests", before=lost[0], after=lost[1])] if lost else []
    return found


def failed_checks(report: RunReport) -> set[str]:
    return {one.id for one in report.checks if one.status == "failed"}


def _model(request: PythonMLDLRequest, before: RunReport, after: RunReport) -> list[GivenUp]:
    """What was sized by the user and ran stays as large; a model that never ran may have had wrong sizes."""
    if not is_sized(request.stated, request.model):
        return []
    was, is_now = before.metrics.num_parameters, after.metrics.num_parameters
    ran = before.validation.forward_pass_works is True
    if ran and was and is_now and is_now < LESS * was:
        return [GivenUp(field="model size", before=f"{was:,} parameters", after=f"{is_now:,} parameters")]
    layers = (_weights(before.seen), _weights(after.seen))
    if layers[0] and layers[1] and layers[1] < LESS * layers[0]:
        return [GivenUp(field="model size", before=f"{layers[0]} layers", after=f"{layers[1]} layers")]
    return []


def _weights(seen: Seen) -> int:
    return sum(count(seen, kind) for kind in ("convolution", "recurrent", "attention", "linear"))


def _samples(request: PythonMLDLRequest, before: RunReport, after: RunReport) -> list[GivenUp]:
    """Samples in a pass, and samples trained on in all unless training may stop early."""
    was, is_now = before.seen.epoch_samples, after.seen.epoch_samples
    if was and is_now and is_now < LESS * was:
        return [GivenUp(field="training data", before=f"{was} samples", after=f"{is_now} samples")]
    if request.training_config.early_stopping.enabled:
        return _epochs(request.training_config.early_stopping.patience or 1, before.seen.epochs, after.seen.epochs)
    was, is_now = before.seen.samples_trained, after.seen.samples_trained
    if was and is_now and is_now < LESS * was:
        return [GivenUp(field="training", before=f"{was} samples in all", after=f"{is_now} samples in all")]
    return []


def _epochs(patience: int, was: int | None, is_now: int | None) -> list[GivenUp]:
    """Training that stops early has still waited for as many epochs as its patience."""
    if was and is_now and is_now <= patience and is_now < LESS * was:
        return [GivenUp(field="training", before=f"{was} epochs", after=f"{is_now} epochs")]
    return []


def _evaluation(before: RunReport, after: RunReport) -> list[GivenUp]:
    was, is_now = before.metrics.evaluation_samples, after.metrics.evaluation_samples
    if not was or not _ended(after) or (is_now and is_now >= LESS * was):
        return []
    return [GivenUp(field="evaluation", before=f"{was} held-out samples", after=f"{is_now or 'no'} held-out samples")]


def _logs(request: PythonMLDLRequest, before: RunReport, after: RunReport) -> list[GivenUp]:
    unwanted = request.experiment_config.tensorboard_enabled is False
    if unwanted or not before.seen.logs or after.seen.logs or not _ended(after):
        return []
    return [GivenUp(field="TensorBoard", before=f"{len(before.seen.logs)} event files", after="none")]


def _ended(report: RunReport) -> bool:
    return any(one.id == "program-runs" and one.status == "passed" for one in report.checks)
