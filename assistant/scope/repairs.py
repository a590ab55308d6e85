"""What a repair gave up: a smaller model, less data, fewer tests, an evaluation or a log that is gone."""

from assistant.schema import Files, PythonMLDLRequest
from assistant.scope.asserts import lost_tests
from assistant.scope.case import Contradiction, came_to_its_end
from assistant.scope.model import count, is_sized
from assistant.scope.sources import read_sources
from sandbox.report import RunReport
from sandbox.seen import Seen

RESOURCES = {"out-of-memory", "timeout"}
DEMANDS = {"inference-time", "training-time"}
"""Findings and failed checks that are mended by doing less."""
LESS = 0.5
"""Share below which a repair did less: corrected sizes and splits move figures too, and seldom halve them."""


def judge_repair(
    request: PythonMLDLRequest,
    *,
    before: RunReport | None,
    before_files: Files | None,
    after: RunReport,
    after_files: Files,
) -> list[Contradiction]:
    """What the later attempt has lost against the earlier one and was not allowed to lose; empty without one."""
    found: list[Contradiction] = []
    if before is not None:
        spent = {one.id for one in before.findings} & RESOURCES | failed_checks(before) & DEMANDS
        found += _evaluation(before, after) + _logs(request, before, after)
        found += [] if spent else _model(request, before, after) + _samples(request, before, after)
    if before_files is not None:
        lost = lost_tests(read_sources(before_files), read_sources(after_files))
        found += [Contradiction(field="tests", asked=lost[0], seen=lost[1])] if lost else []
    return found


def failed_checks(report: RunReport) -> set[str]:
    return {one.id for one in report.checks if one.status == "failed"}


def _model(request: PythonMLDLRequest, before: RunReport, after: RunReport) -> list[Contradiction]:
    """What was sized by the user and ran stays as large; a model that never ran may have had wrong sizes."""
    if not is_sized(request.stated, request.model):
        return []
    was, is_now = before.metrics.num_parameters, after.metrics.num_parameters
    ran = before.validation.forward_pass_works is True
    if ran and was and is_now and is_now < LESS * was:
        return [Contradiction(field="model size", asked=f"{was:,} parameters", seen=f"{is_now:,} parameters")]
    layers = (_weights(before.seen), _weights(after.seen))
    if layers[0] and layers[1] and layers[1] < LESS * layers[0]:
        return [Contradiction(field="model size", asked=f"{layers[0]} layers", seen=f"{layers[1]} layers")]
    return []


def _weights(seen: Seen) -> int:
    return sum(count(seen, kind) for kind in ("convolution", "recurrent", "attention", "linear"))


def _samples(request: PythonMLDLRequest, before: RunReport, after: RunReport) -> list[Contradiction]:
    """Samples in a pass, and samples trained on in all unless training may stop early."""
    was, is_now = before.seen.epoch_samples, after.seen.epoch_samples
    if was and is_now and is_now < LESS * was:
        return [Contradiction(field="training data", asked=f"{was} samples", seen=f"{is_now} samples")]
    if request.training_config.early_stopping.enabled:
        return _epochs(request.training_config.early_stopping.patience or 1, before.seen.epochs, after.seen.epochs)
    was, is_now = before.seen.samples_trained, after.seen.samples_trained
    if was and is_now and is_now < LESS * was:
        return [Contradiction(field="training", asked=f"{was} samples in all", seen=f"{is_now} samples in all")]
    return []


def _epochs(patience: int, was: int | None, is_now: int | None) -> list[Contradiction]:
    """Training that stops early has still waited for as many epochs as its patience."""
    if was and is_now and is_now <= patience and is_now < LESS * was:
        return [Contradiction(field="training", asked=f"{was} epochs", seen=f"{is_now} epochs")]
    return []


def _evaluation(before: RunReport, after: RunReport) -> list[Contradiction]:
    was, is_now = before.metrics.evaluation_samples, after.metrics.evaluation_samples
    if not was or not came_to_its_end(after) or (is_now and is_now >= LESS * was):
        return []
    return [
        Contradiction(field="evaluation", asked=f"{was} held-out samples", seen=f"{is_now or 'no'} held-out samples")
    ]


def _logs(request: PythonMLDLRequest, before: RunReport, after: RunReport) -> list[Contradiction]:
    unwanted = request.experiment_config.tensorboard_enabled is False
    if unwanted or not before.seen.logs or after.seen.logs or not came_to_its_end(after):
        return []
    return [Contradiction(field="TensorBoard", asked=f"{len(before.seen.logs)} event files", seen="none")]
