"""Metrics recomputed from the predictions and targets that a pass over data left behind."""

import math
from collections import Counter
from collections.abc import Sequence

from sandbox.evidence import Evidence, PassFacts

TRAINED_ON = 0.5
"""A pass with more than this share of samples that were trained on is not held out."""


def held_out(evidence: Evidence) -> PassFacts | None:
    """The pass that tells how good the trained model is, or None.

    It runs over samples that were not trained on. A pass after the last optimiser step is preferred to an earlier one,
    one that was never made before that step (test data) to one that was made every epoch (validation data), a complete
    one to one that was broken off, and then the last is taken.
    """
    after = [one for one in _answered(evidence) if one.after_step >= evidence.steps]
    fresh = [one for one in after if one.first_after_step >= evidence.steps]
    candidates = fresh or after or _answered(evidence)
    complete = [one for one in candidates if one.complete] or candidates
    return max(complete, key=lambda one: (one.through_loader, one.order), default=None)


def _answered(evidence: Evidence) -> list[PassFacts]:
    return [one for one in evidence.passes if one.task and one.target and not is_trained_on(one)]


def is_trained_on(one: PassFacts) -> bool:
    return one.hashed > 0 and one.trained_on > TRAINED_ON * one.hashed


def recompute(one: PassFacts) -> dict[str, float]:
    """Accuracy, macro-averaged F1, and the accuracy of always answering the commonest class; rmse and r2 of values.

    Empty where a prediction is not a number.
    """
    if not all(map(math.isfinite, one.predicted)):
        return {}
    if one.task == "classes":
        return _classification(one.predicted, one.target)
    if one.task == "scores":
        return _classification(decide(one.predicted), one.target)
    return _regression(one.predicted, one.target)


def _classification(predicted: Sequence[float], target: Sequence[float]) -> dict[str, float]:
    from sklearn.metrics import f1_score

    f1 = f1_score(target, predicted, average="macro", zero_division=0.0)
    most_frequent = Counter(target).most_common(1)[0][1] / len(target)
    return {"accuracy": _share_equal(predicted, target), "f1": float(f1), "baseline_accuracy": most_frequent}


def decide(scores: Sequence[float]) -> list[int]:
    """Probabilities are cut at 0.5, logits at 0."""
    threshold = 0.5 if all(0.0 <= score <= 1.0 for score in scores) else 0.0
    return [int(score > threshold) for score in scores]


def _share_equal(predicted: Sequence[float], target: Sequence[float]) -> float:
    return sum(a == b for a, b in zip(predicted, target, strict=True)) / len(target)


def _regression(predicted: Sequence[float], target: Sequence[float]) -> dict[str, float]:
    squares = math.fsum((a - b) ** 2 for a, b in zip(predicted, target, strict=True))
    mean = math.fsum(target) / len(target)
    spread = math.fsum((b - mean) ** 2 for b in target)
    found = {"rmse": math.sqrt(squares / len(target))}
    return found | {"r2": 1.0 - squares / spread} if spread > 0 else found
