"""Findings about modes and data: what was on while training and evaluating, and which samples were used for both."""

import math
from collections.abc import Iterator, Sequence

from sandbox.evaluation import is_trained_on
from sandbox.evidence import Evidence, Facts, PassFacts, Place
from sandbox.findings.data_figures import DataFigures, KeptGraphs
from sandbox.findings.finding import Maker, number
from sandbox.probed import is_no_batch
from sandbox.report import Finding

SAMPLES = 1e-4
"""Relative difference of two answers to one batch beyond which a model draws random numbers in evaluation mode."""
WIDE = 8
"""Values from which on no two samples are equal by chance."""
MOST_OF_TRAINING = 0.6
"""Share of the training samples that is less than what one asks for the accuracy in training."""


def modes(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Training and evaluation mode, where layers depend on it."""
    samples = number(evidence.probes.get("determinism", {}).get("difference")) > SAMPLES  # differs from itself as well
    differ = evidence.probes.get("operations", {}).get("modes_differ") is True and not samples
    layers = ", ".join(facts.mode_layers) or ("what the model does in training alone" if differ else "")
    in_eval, in_train = facts.modes.get("trained_in_eval", 0), facts.modes.get("trained_in_train", 0)
    if layers and in_eval >= 2 and in_eval > 0.05 * (in_eval + in_train):
        share = f"{in_eval} of {in_eval + in_train}"
        message = f"{share} training calls seen were in evaluation mode, where {layers} is off or frozen."
        fix = "Call model.train() at the start of every epoch, after evaluating."
        at = facts.backward_line
        no = "D5" if "keras-weights" in facts.sections else None  # Keras takes the mode as an argument of each call
        yield make("training-in-eval-mode", "warning", message, fix, at=at, no=no, in_eval=in_eval, in_train=in_train)
    wrong = [one for one in evidence.passes if one.in_train_mode and one.again < 3]
    if wrong and layers:
        passes = sum(one.in_train_mode for one in wrong)
        message = f"{passes} evaluation passes ran in training mode, where {layers} changes the outputs."
        fix = "Call model.eval() before evaluating."
        yield make("evaluation-in-train-mode", "warning", message, fix, at=wrong[0].where, passes=passes)
    tested = facts.notes.get("test-step-in-train-mode")
    if tested is not None:
        message = f"test_step calls the model in training mode, where {layers or 'dropout'} changes the outputs."
        fix = "Call it with training=False in test_step."
        yield make("evaluation-in-train-mode", "warning", message, fix, at=tested.where)


def gradients(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Evaluation that keeps what a backward pass would need."""
    fix = "Evaluate under torch.no_grad() or torch.inference_mode()."
    passes = [one for one in evidence.passes if one.with_gradient and one.complete and one.through_loader]
    lines = (facts.section("kept-graphs", KeptGraphs) or KeptGraphs()).lines
    kept = [one for one in lines if one.kept >= 2]
    if passes:
        count = sum(one.with_gradient for one in passes)
        message = f"{count} evaluation passes kept their activations for gradients that were never taken."
        yield make("evaluation-with-gradients", "warning", message, fix, at=passes[0].where, passes=count)
    elif kept and facts.steps:
        message = f"{kept[0].kept} losses were computed with gradients that were never taken."
        yield make("evaluation-with-gradients", "warning", message, fix, at=kept[0].where, losses=kept[0].kept)


def data(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Samples that were trained on and evaluated; the nodes of a graph are all looked at, whichever of them count."""
    if is_no_batch(evidence):
        return
    passes = [one for one in evidence.passes if one.through_loader or one.task is not None]  # the others have no figure
    distinct = [one for one in passes if _distinct(one, facts)]
    same = [one for one in distinct if is_trained_on(one) and not _by_chance(one)]
    mixed = [one for one in distinct if not is_trained_on(one) and one.trained_on > _most_by_chance(one) * one.hashed]
    clean = [one for one in evidence.passes if one not in same and one not in mixed and one.hashed]
    alone = bool(same) and _is_all_that_is_tested(passes, same, evidence, facts)
    if mixed or (same and not clean) or alone or any(one.validates for one in same):
        worst = max(mixed or same, key=lambda one: one.trained_on / one.hashed)
        yield _overlap(make, worst.where, worst.trained_on, worst.hashed)
        return
    yield from _overlapping_origins(facts, make)


def _is_all_that_is_tested(
    passes: Sequence[PassFacts], same: Sequence[PassFacts], evidence: Evidence, facts: Facts
) -> bool:
    """Whether what is judged after the training is a part of what was trained on, and nothing else is."""
    figures = facts.section("data", DataFigures) or DataFigures()
    rows = figures.train.rows if figures.train is not None else 0
    tested = [one for one in passes if one.hashed and evidence.steps and one.first_after_step >= evidence.steps]
    return bool(tested) and all(
        one in same and one.target and 32 <= one.hashed < MOST_OF_TRAINING * rows for one in tested
    )


def _overlapping_origins(facts: Facts, make: Maker) -> Iterator[Finding]:
    """Datasets that hold samples of each other, before each was changed at random or mixed."""
    figures = facts.section("data", DataFigures) or DataFigures()
    sets = [one for one in figures.overlaps if one.unique > 0.9 * one.evaluated]
    whole = [one for one in sets if one.trained_on > 0.95 * one.evaluated]
    part = [one for one in sets if one not in whole and one.trained_on > 0.1 * one.evaluated]
    clean = [one for one in sets if one not in whole and one not in part]
    if part or (whole and not clean) or any(one.validates for one in whole):
        worst = max(part or whole, key=lambda one: one.trained_on / one.evaluated)
        yield _overlap(make, worst.where, worst.trained_on, worst.evaluated)


def _overlap(make: Maker, at: Place, trained_on: int, evaluated: int) -> Finding:
    message = f"{trained_on} of {evaluated} evaluated samples were also trained on."
    fix = "Split the data once, before training, and keep the parts apart."
    return make("train-test-overlap", "warning", message, fix, at=at, trained_on=trained_on, evaluated=evaluated)


def _most_by_chance(one: PassFacts) -> float:
    """Whole numbers may be equal without being the same sample, hardly so where no two of a set are."""
    if not one.integers:
        return 0.1
    return 0.3 if one.unique == one.hashed >= 64 else 1.0


def _by_chance(one: PassFacts) -> bool:
    """Whether samples of whole numbers may be equal without being the same: some of them are not."""
    return one.integers and one.trained_on < 0.95 * one.hashed


def _distinct(one: PassFacts, facts: Facts) -> bool:
    """Whether the samples differ enough for equal ones to mean the same sample, as narrow ones may be by chance."""
    figures = facts.section("data", DataFigures) or DataFigures()
    wide = figures.train is not None and math.prod(figures.train.shape) >= WIDE
    return one.hashed >= 8 and one.unique > (0.4 if wide and not one.integers else 0.9) * one.hashed
