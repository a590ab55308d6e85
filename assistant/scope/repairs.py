"""What a repair gave up: a smaller model, less data, fewer tests, an evaluation or a log that is gone."""

from assistant.schema import Files, PythonMLDLRequest
from assistant.scope.asserts import KEPT_TESTS, lost_tests, read_tests
from assistant.scope.case import Contradiction, came_to_its_end, counted
from assistant.scope.model import count, is_sized
from assistant.scope.sources import Source, read_sources
from sandbox.report import RunReport
from sandbox.seen import Seen

RESOURCES = {"out-of-memory", "timeout"}
DEMANDS = {"inference-time", "training-time"}
"""Findings and failed checks that are mended by doing less."""
TARGET = "target-reached"
"""Sometimes missed because the model is too large for its data, so a size that nobody named may change for it."""
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
        found += _tests(read_sources(before_files), read_sources(after_files), before, after)
    return found


def _given_up(field: str, was: str, is_now: str) -> Contradiction:
    return Contradiction(field=field, asked=was, seen=is_now, given_up=True)


def failed_checks(report: RunReport) -> set[str]:
    return {one.id for one in report.checks if one.status == "failed"}


def _model(request: PythonMLDLRequest, before: RunReport, after: RunReport) -> list[Contradiction]:
    """A model that ran stays as large, and one that the user sized keeps its layers even where it never ran."""
    sized, ran = is_sized(request.stated, request.model), before.validation.forward_pass_works is True
    if not sized and (not ran or TARGET in failed_checks(before)):
        return []
    was, is_now = before.metrics.num_parameters, after.metrics.num_parameters
    if ran and was and is_now and is_now < LESS * was:
        return [_given_up("model size", f"{was:,} parameters", f"{is_now:,}")]
    layers = (_weights(before.seen), _weights(after.seen))
    if layers[0] and layers[1] and layers[1] < LESS * layers[0]:
        return [_given_up("model size", counted(layers[0], "layer"), str(layers[1]))]
    return []


def _weights(seen: Seen) -> int:
    return sum(count(seen, kind) for kind in ("convolution", "recurrent", "attention", "linear"))


def _samples(request: PythonMLDLRequest, before: RunReport, after: RunReport) -> list[Contradiction]:
    """Samples in a pass, and samples trained on in all unless training may stop early."""
    was, is_now = before.seen.epoch_samples, after.seen.epoch_samples
    if was and is_now and is_now < LESS * was:
        return [_given_up("training data", f"{was:,} samples", f"{is_now:,}")]
    if request.training_config.early_stopping.enabled:
        return _epochs(request.training_config.early_stopping.patience or 1, before.seen.epochs, after.seen.epochs)
    was, is_now = before.seen.samples_trained, after.seen.samples_trained
    if was and is_now and is_now < LESS * was:
        return [_given_up("training", f"{was:,} samples in all", f"{is_now:,}")]
    return []


def _epochs(patience: int, was: int | None, is_now: int | None) -> list[Contradiction]:
    """Training that stops early has still waited for as many epochs as its patience."""
    if was and is_now and is_now <= patience and is_now < LESS * was:
        return [_given_up("training", counted(was, "epoch"), str(is_now))]
    return []


def _evaluation(before: RunReport, after: RunReport) -> list[Contradiction]:
    was, is_now = before.metrics.evaluation_samples, after.metrics.evaluation_samples
    if not was or not came_to_its_end(after) or (is_now and is_now >= LESS * was):
        return []
    return [_given_up("evaluation", counted(was, "held-out sample"), f"{is_now:,}" if is_now else "none")]


def _logs(request: PythonMLDLRequest, before: RunReport, after: RunReport) -> list[Contradiction]:
    unwanted = request.experiment_config.tensorboard_enabled is False
    if unwanted or not before.seen.logs or after.seen.logs or not came_to_its_end(after):
        return []
    return [_given_up("TensorBoard", counted(len(before.seen.logs), "event file"), "none")]


def _tests(old: list[Source], new: list[Source], before: RunReport | None, after: RunReport) -> list[Contradiction]:
    """Tests and asserts that are gone from the files, or tests that are there and ran no longer."""
    if lost := lost_tests(old, new):
        return [_given_up("tests", *lost)]
    was, is_now = _tests_run(before) if before else None, _tests_run(after)
    if was is None or is_now is None:
        return []
    all_there = read_tests(old).keys() <= read_tests(new).keys()
    least = was if all_there else KEPT_TESTS * was
    return [_given_up("tests", f"{counted(was, 'test')} run", str(is_now))] if is_now < least else []


def _tests_run(report: RunReport) -> int | None:
    """However they ended; None where pytest left no figures."""
    evidence = next((one.evidence for one in report.checks if one.id == "tests-pass"), {})
    tests, skipped = evidence.get("tests"), evidence.get("skipped")
    return tests - skipped if isinstance(tests, int) and isinstance(skipped, int) else None
