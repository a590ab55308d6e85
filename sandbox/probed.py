"""Checks that probes of the trained model decide: whether it can be saved, repeats itself, and keeps samples apart."""

import math
from typing import Any

from sandbox.evidence import Evidence, Facts
from sandbox.findings.finding import one_line
from sandbox.report import CheckResult, check

TOLERANCE = 1e-4
"""Relative difference up to which two outputs count as equal: reductions may be ordered differently."""


def model_loads(evidence: Evidence) -> CheckResult:
    id, probe = "model-loads", evidence.probes.get("round-trip")
    if probe is None:
        return check(id, None, "The model was not reached.")
    seconds = float(probe.get("seconds", 0.0))
    if "skipped" in probe:
        return check(id, None, str(probe["skipped"]), seconds=seconds)
    if "error" in probe:
        return check(
            id, False, f"Saving and loading the model failed: {one_line(str(probe['error']))}", seconds=seconds
        )
    difference = float(probe.get("difference", math.inf))
    if difference > TOLERANCE and (_figure(evidence, "determinism", "difference") or 0.0) > TOLERANCE:
        return check(id, None, "The model samples, so its outputs after loading cannot be compared.", seconds=seconds)
    if difference > TOLERANCE:
        message = f"Saved and loaded again, the model answers differently (relative difference {difference:.2g})."
        return check(id, False, message, seconds=seconds, difference=difference)
    return check(
        id, True, "Saved and loaded again, the model gives the same outputs.", seconds=seconds, difference=difference
    )


def eval_determinism(evidence: Evidence) -> CheckResult:
    id, difference = "eval-determinism", _figure(evidence, "determinism", "difference")
    if difference is None:
        return check(id, None, "Not reached.")
    if difference > TOLERANCE:
        message = "In evaluation mode two calls with the same batch differ; that is right only for models that sample."
        return check(id, None, message, difference=difference)
    return check(id, True, "In evaluation mode the same batch gives the same outputs.", difference=difference)


def is_no_batch(evidence: Evidence) -> bool:
    """Whether the model's rows are the features or tokens of one sample, or the nodes of one graph."""
    return evidence.probes.get("batch-sizes", {}).get("no_batch") is True


def batch_independence(evidence: Evidence, facts: Facts) -> CheckResult:
    """Whether a sample's output depends on the other samples of its batch, which no evaluation can mean.

    Fails only for one input, per-sample targets, and a model that accepts other batch sizes; what is left are
    models that mix their batch on purpose, such as graph networks and in-batch contrast.
    """
    id, probe = "batch-independence", evidence.probes.get("independence", {})
    difference = _figure(evidence, "independence", "difference")
    random = _figure(evidence, "determinism", "difference") or 0.0
    if difference is None or not math.isfinite(difference) or random > TOLERANCE:
        return check(id, None, str(probe.get("skipped", "Not reached.")))
    if difference <= 10 * TOLERANCE:
        return check(
            id, True, "The output of a sample does not depend on the rest of its batch.", difference=difference
        )
    if evidence.declared.mixes_batch:
        message = "The samples of a batch are meant to influence each other."
        return check(id, None, message, difference=difference)
    if is_no_batch(evidence):
        return check(id, None, "What the model is given at once belongs together.", difference=difference)
    if time_comes_first(evidence, facts):
        message = "The first axis of the input is time, along which positions may depend on each other."
        return check(id, None, message, difference=difference)
    accepts = not evidence.probes.get("batch-sizes", {}).get("errors")
    certain = bool(probe.get("single_input")) and accepts and has_sample_targets(evidence, facts)
    message = f"The output of a sample changes with the rest of its batch (relative difference {difference:.2g})."
    return check(id, False if certain else None, message, difference=difference)


def has_sample_targets(evidence: Evidence, facts: Facts) -> bool:
    """Whether each sample has its own target, as classification and regression have."""
    rows = evidence.probes.get("forward", {}).get("output_shape") or []
    declared = evidence.declared.output_axes
    if declared is not None and declared[:1] == ("batch",) and len(declared) == len(rows):
        return True
    calls = [figures for call in facts.loss_calls for figures in call.sampled]
    trained = any(figures.get("input_shape", [])[1:] == rows[1:] for figures in calls) and bool(rows)
    return trained or any(one.task for one in evidence.passes)


def time_comes_first(evidence: Evidence, facts: Facts) -> bool:
    """Whether the targets follow the first axis of the input: a program that keeps time before the batch."""
    if (evidence.declared.input_axes or ())[:1] == ("batch",):
        return False
    relations: Any = (facts.sections.get("task") or {}).get("relations")
    return isinstance(relations, list) and any(isinstance(one, dict) and one.get("axis") == 0 for one in relations)


def _figure(evidence: Evidence, probe: str, name: str) -> float | None:
    try:
        return float(evidence.probes[probe][name])
    except (KeyError, TypeError, ValueError):
        return None
