"""Whether a model's answer is a straight line along every direction of its input: no non-linearity acts.

Runs inside the jail, on numpy arrays, for both frameworks.
"""

from typing import Any

import numpy as np

from observe.answers import Answers, relative
from observe.probe import NotApplicable

STEPS = (1.0, 10.0, 100.0)
"""In standard deviations of the input: far enough for every ReLU to meet its corner."""
CURVED = 0.02
"""A bend of this size settles the question."""


def affine(subject: Any) -> dict[str, Any]:
    """The largest departure from the middle of two answers, over three steps and two directions; 0 for a line."""
    answers: Answers = subject.answers
    answers.must_repeat()
    value = answers.inputs[answers.lead]
    if value.dtype.kind != "f":
        raise NotApplicable("The input holds no real numbers.")
    generator = np.random.default_rng(3)
    bends = []
    for step in STEPS:
        for _ in range(2):
            direction = generator.normal(size=value.shape).astype(value.dtype)
            away = (step * (float(np.nanstd(value)) or 1.0) * direction).astype(value.dtype)
            bends.append(_bend(answers, value, away))
            if bends[-1] > CURVED:
                return {"largest": bends[-1], "weights": subject.weight_layers}
    return {"largest": max(bends), "weights": subject.weight_layers}


def _bend(answers: Answers, value: np.ndarray, away: np.ndarray) -> float:
    low, high = (_unbounded(answers.changed(answers.lead, one)) for one in (value - away, value + away))
    middle = _unbounded(answers.base)
    spread = np.abs(high - low).max()
    if not np.isfinite([low, middle, high]).all() or spread == 0:
        return 1.0
    return float(np.abs(low + high - 2 * middle).max() / spread) if relative(low, high) > 1e-6 else 1.0


def _unbounded(answer: np.ndarray) -> np.ndarray:
    """What a softmax was given, up to a constant of each row; other answers as they are."""
    answer = answer.astype(np.float64)
    if answer.ndim >= 2 and answer.shape[-1] > 1 and (answer > 0).all() and np.allclose(answer.sum(-1), 1, atol=1e-4):
        logs = np.log(answer)
        return logs - logs.mean(-1, keepdims=True)
    return answer
