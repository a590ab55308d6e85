"""What a program makes of its model's answers, and how it scales what it asks, as rules over what was seen."""

import pytest

from sandbox.evidence import Evidence, Facts
from sandbox.findings.data_values import values
from sandbox.findings.finding import Maker
from sandbox.findings.thresholds import thresholds


def found(rule, *, functions=(), **sections):
    evidence = Evidence(ended=True)
    calls = [{"function": name} for name in functions]
    evidence.facts = Facts(steps=50, backwards=50, loss_calls=calls, sections=sections)
    return [one.id for one in rule(evidence, evidence.facts, Maker("train.py"))]


def cut(at, low, high, outside=5):
    return {"seen": [{"cut": at, "where": ("train.py", 9), "calls": 5, "outside": outside, "low": low, "high": high}]}


WITH_LOGITS, OF_PROBABILITIES = "binary_cross_entropy_with_logits", "binary_cross_entropy"


@pytest.mark.parametrize(
    ("seen", "function", "ids"),
    [
        (cut(0.5, -3.0, 4.0), WITH_LOGITS, ["threshold-of-other-scale"]),
        (cut(0.0, -3.0, 4.0), WITH_LOGITS, []),
        (cut(0.5, 0.1, 0.9, outside=0), WITH_LOGITS, []),  # a model that answers probabilities when it evaluates
        (cut(0.5, -0.2, 1.3), "mse_loss", []),  # least squares on 0 and 1
        (cut(0.0, 0.1, 0.9, outside=0), OF_PROBABILITIES, ["threshold-of-other-scale"]),
        (cut(0.5, 0.1, 0.9, outside=0), OF_PROBABILITIES, []),
        (cut(3.0, -3.0, 4.0), WITH_LOGITS, []),
    ],
)
def test_answers_are_cut_where_their_loss_puts_the_middle(seen, function, ids):
    assert found(thresholds, functions=[function], thresholds=seen) == ids


def data(**apart):
    figures = {"role": "evaluated", "rows": 100, "varied": 4, "continuous": 4, **apart}
    return {"train": {"rows": 400, "kind": "f", "shape": [4], "std": 1.0}, "apart": [figures]}


@pytest.mark.parametrize(
    ("seen", "ids"),
    [
        (data(), []),
        (data(standard=4), ["scaled-by-itself"]),
        (data(ranged=4), ["scaled-by-itself"]),
        (data(overall=True), ["scaled-by-itself"]),
        (data(standard=1), []),
        (data(standard=4, rows=8), []),
        (data(standard=4, role="trained"), []),
    ],
)
def test_a_held_out_part_is_not_scaled_by_its_own_statistics(seen, ids):
    assert found(values, data=seen) == ids


@pytest.mark.parametrize(
    ("figures", "ids"),
    [
        ({"high": 16.0, "mean": 4.9, "std": 6.0, "whole": True}, ["inputs-not-normalised"]),
        ({"high": 16.0, "mean": 4.9, "std": 6.0, "whole": False}, []),
        ({"high": 1.0, "mean": 0.3, "std": 0.4, "whole": False}, []),
        ({"high": 3.0, "mean": 0.1, "std": 0.4, "whole": True}, []),  # counts of words
    ],
)
def test_pixels_are_scaled_before_the_first_layer(figures, ids):
    assert found(values, data=data(), scale={"layer": "Conv2d", "low": 0.0, **figures}) == ids
