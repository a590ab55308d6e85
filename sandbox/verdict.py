"""From evidence to checks: plain functions that decide what was seen to work. Nothing that is printed counts."""

import itertools
import math
from collections.abc import Sequence
from statistics import median

from sandbox.evaluation import held_out, is_trained_on, recompute
from sandbox.evidence import Evidence, Facts
from sandbox.findings.finding import one_line
from sandbox.findings.records import FEW_TRAININGS
from sandbox.findings.training_updates import Updates
from sandbox.probed import batch_independence, eval_determinism, model_loads
from sandbox.report import CheckResult, Validation, check
from sandbox.scalars import Scalars
from sandbox.schema import ExecResult

NEVER_NEGATIVE = ("cross_entropy", "binary_cross_entropy", "binary_cross_entropy_with_logits", "mse_loss", "l1_loss")
"""Loss functions of PyTorch; what is subtracted from one of them is another loss."""


def run_checks(evidence: Evidence, result: ExecResult) -> list[CheckResult]:
    """The checks of one observed training run, in the order in which a program reaches them."""
    facts = evidence.counted
    return [
        program_runs(evidence, result),
        model_builds(evidence),
        forward_pass(evidence, facts),
        backward_pass(evidence, facts),
        training_steps(evidence, facts),
        parameters_update(evidence, facts),
        loss_finite(evidence),
        loss_falls(evidence),
        evaluation(evidence),
        model_loads(evidence),
        eval_determinism(evidence),
        batch_independence(evidence, facts),
    ]


def program_runs(evidence: Evidence, result: ExecResult) -> CheckResult:
    id = "program-runs"
    if result.status != "ok":
        reason = result.reason or f"The program ended with exit status {result.exit_code}."
        return check(id, False, reason, seconds=result.wall_s, status=result.status, exit_code=result.exit_code)
    if evidence.forged:
        message = f"{evidence.forged} frames of evidence came from somewhere else than the observers."
        return check(id, False, message, seconds=result.wall_s, forged=evidence.forged)
    if not evidence.ended:
        message = "The program left before its end: the last step of the observation is missing."
        return check(id, False, message, seconds=result.wall_s, exit_code=result.exit_code)
    facts = evidence.counted
    bounded = f", with its training ended {facts.bounded}" if facts.bounded else ""
    if facts.cut:
        message = f"Ran for {result.wall_s:.1f} s{bounded}; what it does behind its training was ended {facts.cut}."
        return check(id, True, message, seconds=result.wall_s)
    return check(id, True, f"Ran to its end in {result.wall_s:.1f} s{bounded}.", seconds=result.wall_s)


def model_builds(evidence: Evidence) -> CheckResult:
    model, own = evidence.model, [one for one in evidence.counted.parameters if one.trainable]
    if model is None and own:
        values = sum(one.values for one in own)
        message = f"{len(own)} tensors of the program's own, with {values:,} values, were trained without a module."
        return check("model-builds", True, message, parameters=values, trainable=values)
    if model is None:
        return check("model-builds", _missing(evidence), "No model with parameters was called.")
    message = (
        f"{model.class_name} was built with {model.parameters:,} parameters, {model.trainable:,} of them trainable."
    )
    return check("model-builds", True, message, parameters=model.parameters, trainable=model.trainable)


def forward_pass(evidence: Evidence, facts: Facts) -> CheckResult:
    id = "forward-pass"
    if evidence.raised is not None and evidence.raised.stage == "forward":
        return check(id, False, f"The forward pass raised {evidence.raised.type}: {one_line(evidence.raised.message)}")
    if not facts.forward_calls and not evidence.losses:
        return check(id, _missing(evidence), "The model was never called.")
    probe = evidence.probes.get("forward", {})
    if "error" in probe:
        return check(id, False, f"The trained model fails on the batch it was trained on: {probe['error']}")
    if probe.get("finite") is False:
        return check(id, False, "The trained model's outputs are not finite.")
    shapes = {key: probe.get(key) for key in ("input_shape", "output_shape")}
    told = f", {shapes['input_shape']} to {shapes['output_shape']}" if probe.get("output_shape") else ""
    return check(id, True, f"{facts.forward_calls:,} calls{told}.", calls=facts.forward_calls, **shapes)


def backward_pass(evidence: Evidence, facts: Facts) -> CheckResult:
    id = "backward-pass"
    if evidence.raised is not None and evidence.raised.stage == "backward":
        return check(id, False, f"The backward pass raised {evidence.raised.type}: {one_line(evidence.raised.message)}")
    if not facts.backwards:
        return check(id, _missing(evidence), "No gradient was ever computed.")
    norms = [norm for _, norm in facts.gradient_norms]
    figures = {"backwards": facts.backwards, "largest_norm": max(norms, default=None)}
    if facts.nonfinite_gradients and not any(math.isfinite(norm) for norm in norms[-3:]):
        return check(id, False, "The gradients became NaN or infinite.", nonfinite=facts.nonfinite_gradients, **figures)
    if norms and not any(norm > 0 for norm in norms):
        return check(id, False, "Every gradient is zero or missing.", **figures)
    trainable = [one for one in facts.parameters if one.trainable]
    without = [one.name for one in trainable if not one.gradient]
    if trainable and len(without) == len(trainable) and not norms and not evidence.complete:
        return check(id, None, "The program was ended before a gradient was looked at.", **figures)
    if trainable and len(without) == len(trainable) and not any(norm > 0 for norm in norms):
        return check(id, False, "No trainable parameter received a gradient.", **figures)
    received = (  # where all are without, what was seen to be trained is another model
        f" Gradients reached {len(trainable) - len(without)} of {len(trainable)} parameter tensors."
        if len(without) < len(trainable)
        else ""
    )
    norm = f" Their norm was {median(norms):.3g} in the median." if norms else ""
    return check(id, True, f"{facts.backwards:,} backward passes.{received}{norm}", without=without[:10], **figures)


def training_steps(evidence: Evidence, facts: Facts) -> CheckResult:
    id = "training-steps"
    steps = facts.steps
    if not steps:
        return check(id, _missing(evidence), "No optimiser step was made.", steps=0)
    if not evidence.ended:
        return check(id, False, f"Training did not come to its end; {steps:,} steps were seen.", steps=steps)
    if evidence.raised is not None:
        return check(id, False, f"The program raised {evidence.raised.type} after {steps:,} steps.", steps=steps)
    return check(id, True, f"{steps:,} optimiser steps.", steps=steps, bounded=facts.bounded)


def parameters_update(evidence: Evidence, facts: Facts) -> CheckResult:
    id = "parameters-update"
    if facts.constructed is not None or (not facts.steps and not evidence.complete):
        return check(id, None, "Not reached.")
    if evidence.facts is None or not facts.watched:
        return check(id, _missing(evidence), "The parameters could not be compared before and after.")
    trainable = [one for one in facts.parameters if one.trainable]
    moved = [one for one in trainable if one.changed]
    if moved and is_noise(facts):
        message = "The parameters moved in directions that have nothing to do with their gradients."
        return check(id, False, message, changed=len(moved), trainable=len(trainable))
    if trainable and moved:
        message = f"{len(moved)} of {len(trainable)} trainable parameter tensors changed."
        return check(id, True, message, changed=len(moved), trainable=len(trainable))
    if facts.apart:
        message = f"{facts.apart} tensors that are of no model changed; the model itself was not trained."
        return check(id, True, message, changed=0, trainable=len(trainable), apart=facts.apart)
    return check(id, False, "No parameter of the model changed during training.", changed=0, trainable=len(trainable))


def is_noise(facts: Facts) -> bool:
    """Whether the first updates went neither along their gradients nor against them by more than chance would have it.

    The cosine of n random values with another vector deviates from zero by 1 / sqrt(n), the mean of k such cosines by
    1 / sqrt(n k).
    """
    found = facts.section("updates", Updates)
    moves = [one for one in found.moves if one.moved and one.along is not None and one.values >= 100] if found else []
    first = moves[:5]
    if len(first) < 3:
        return False
    each = all(abs(one.along or 0.0) < max(0.03, 3 / one.values**0.5) for one in first)
    together = abs(sum(one.along or 0.0 for one in first)) / len(first)
    return each and together < max(0.03, 3 / sum(one.values for one in first) ** 0.5)


def loss_finite(evidence: Evidence) -> CheckResult:
    if not evidence.losses:
        return check("loss-finite", None, "No loss was seen.")
    bad = next((step for step, loss, _ in evidence.losses if not math.isfinite(loss)), None)
    if bad is not None:
        return check("loss-finite", False, f"The loss is not finite from step {bad}.", step=bad)
    return check("loss-finite", True, f"All {len(evidence.losses):,} losses are finite.", losses=len(evidence.losses))


def loss_falls(evidence: Evidence) -> CheckResult:
    """Fails only where the loss clearly rose: labels that cannot be learned are no fault of the program."""
    id = "loss-falls"
    sites = {site for _, _, site in evidence.losses}
    values = [loss for _, loss, _ in evidence.losses if math.isfinite(loss)]
    if len(values) < 8:
        return check(id, None, f"Too few losses to tell ({len(values)}).")
    first, last = ends(values)
    figures = {"first": first, "last": last, "losses": len(values)}
    kept = _cannot_be_negative(evidence.counted)
    if kept and max(values) < 0:
        message = f"The losses are negative, and {kept} cannot be: whether falling is right here cannot be told."
        return check(id, None, message, **figures)
    if len(sites) > 1:
        return check(id, None, "Several losses are trained in turn, so that one curve says little.", **figures)
    if last < first - 0.01 * abs(first):
        return check(id, True, f"From {first:.4g} to {last:.4g}.", **figures)
    if last > first + max(0.5 * abs(first), 3 * _spread(values)):
        return check(id, False, f"The loss rose from {first:.4g} to {last:.4g}.", **figures)
    return check(id, None, f"The loss stayed about where it was: {first:.4g}, then {last:.4g}.", **figures)


def _cannot_be_negative(facts: Facts) -> str | None:
    """The only loss function that training calls, where its values cannot be negative."""
    called = {one.function for one in facts.loss_calls if one.calls > 0.5 * facts.backwards}
    only = called.pop() if len(called) == 1 else None
    return only if only in NEVER_NEGATIVE and len(facts.loss_calls) == 1 else None


def ends(values: Sequence[float]) -> tuple[float, float]:
    """Median of the first and of the last tenth, of three values at least."""
    width = max(3, len(values) // 10)
    return median(values[:width]), median(values[-width:])


def _spread(values: Sequence[float]) -> float:
    return median(abs(b - a) for a, b in itertools.pairwise(values))


def evaluation(evidence: Evidence) -> CheckResult:
    chosen = held_out(evidence)
    if chosen is None:
        if any(is_trained_on(one) for one in evidence.passes):
            return check("evaluation", None, "Only samples that were trained on were evaluated.")
        return check("evaluation", None, "No pass over held-out data with visible targets was seen.")
    if not all(map(math.isfinite, chosen.predicted)):
        return check("evaluation", False, "The predictions on held-out data are not finite.", samples=chosen.samples)
    metrics = recompute(chosen)
    if not all(math.isfinite(value) for value in metrics.values()):
        return check("evaluation", False, "The predictions on held-out data are not finite.")
    told = ", ".join(f"{name} {value:.4f}" for name, value in metrics.items())
    when = "" if chosen.after_step >= evidence.steps else f" after step {chosen.after_step} of {evidence.steps}"
    message = f"Recomputed from the predictions on {len(chosen.target):,} held-out samples{when}: {told}."
    return check("evaluation", True, message, samples=chosen.samples, after_step=chosen.after_step, **metrics)


def tensorboard_logs(scalars: Scalars, *, files: int, expected: bool, bounded: bool = False) -> CheckResult:
    """Event files must hold scalars with steps that rise, and finite values; a run of one epoch logs one point."""
    id = "tensorboard-logs"
    if not files and expected and not bounded:
        return check(id, False, "No event file was written.")
    if not files:
        return check(id, None, "The program was ended before it wrote one." if expected else "Not used.")
    rising = {
        tag: points for tag, points in scalars.items() if len(points) == 1 or _rises([step for step, _ in points])
    }
    figures = {"files": files, "tags": len(scalars), "rising_tags": len(rising)}
    if not scalars and bounded:
        return check(id, None, "Training was ended before a scalar was logged.", **figures)
    if not scalars:
        return check(id, False, "The event files hold no scalar.", **figures)
    if not rising and bounded and max(map(len, scalars.values())) <= FEW_TRAININGS:
        return check(id, None, "Each training was ended in its first epoch.", **figures)
    if not rising:
        return check(id, False, "No scalar was logged with steps that rise.", **figures)
    bad = [tag for tag, points in scalars.items() if not all(math.isfinite(value) for _, value in points)]
    if bad:
        return check(id, False, f"Values that are not finite were logged to {', '.join(bad[:3])}.", **figures)
    longest = max(len(points) for points in rising.values())
    tags = f"{len(scalars)} tag{'' if len(scalars) == 1 else 's'}"
    return check(id, True, f"{tags}, up to {longest} step{'' if longest == 1 else 's'} each.", **figures)


def _rises(steps: Sequence[int]) -> bool:
    return len(set(steps)) > 1 and all(b >= a for a, b in itertools.pairwise(steps))


def validation(checks: Sequence[CheckResult]) -> Validation:
    """The six fields of the request format."""
    return Validation(
        model_loads=_all(checks, "model-builds", "model-loads"),
        forward_pass_works=_all(checks, "forward-pass"),
        backward_pass_works=_all(checks, "backward-pass"),
        training_loop_runs=_all(checks, "training-steps", "parameters-update", "loss-finite"),
        tensorboard_logs_generated=_all(checks, "tensorboard-logs"),
        tests_pass=_all(checks, "tests-pass"),
    )


def _missing(evidence: Evidence) -> bool | None:
    """What was not seen is a failure of a program that came to its end, and not reached by one that did not.

    A file that only defines a model, and is checked as such, was not going to train it.
    """
    return False if evidence.complete and evidence.counted.constructed is None else None


def _all(checks: Sequence[CheckResult], *ids: str) -> bool | None:
    """False where one failed, None where one was not reached."""
    found = {one.id: one.status for one in checks}
    states = [found.get(id, "skipped") for id in ids]
    return False if "failed" in states else None if "skipped" in states else True
