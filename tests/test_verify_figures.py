"""What a program makes of its model's answers, and how it scales what it asks, as rules over what was seen."""

import pytest

from sandbox.evidence import Evidence, Facts
from sandbox.findings.data_order import order
from sandbox.findings.data_values import values
from sandbox.findings.exports import exports
from sandbox.findings.finding import Maker
from sandbox.findings.sums import sums
from sandbox.findings.thresholds import thresholds
from sandbox.schema import Limits
from sandbox.verify import verify


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
    train = {"rows": 400, "kind": "f", "shape": [4], "std": 1.0, "low": -3.0, "high": 3.0}
    return {"train": train, "apart": [figures]}


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


FIRST = ([30, 31, 12], [0.9, 0.8, 0.7])
SECOND = ([33, 35, 19], [0.5, 0.4, 0.2])
"""Right answers and mean losses of the batches of two passes."""


def tally(observe, right, losses):
    one = observe.told.Tally()
    one.rows, one.right, one.losses = [40, 40, 20], list(right), list(losses)
    return one


@pytest.mark.parametrize(
    ("text", "earlier", "right", "told"),
    [
        ("acc 0.8700", [], True, []),
        ("acc 87.00%", [], True, []),
        ("error 0.1300", [], True, []),
        ("acc 29.0000", [], False, ["batches"]),
        ("acc 0.7250", [], False, ["whole-batches"]),
        ("acc 0.8833", [], False, ["mean-of-means"]),
        ("acc 1.6000", [FIRST], False, ["carried"]),
        ("acc 80.00", [FIRST], False, ["carried-both"]),
        ("epoch 3 of 29", [], False, []),  # too few digits to say anything
    ],
)
def test_a_figure_of_a_pass_is_known_by_its_digits(observe, text, earlier, right, told):
    figures = tally(observe, *SECOND).accuracy([tally(observe, *one) for one in earlier])
    found = observe.told.compare(figures, list(observe.told.written(text)), percent=True)
    assert (found["right"], found["told"]) == (right, told)


@pytest.mark.parametrize(
    ("text", "told"),
    [("loss 0.4000", []), ("loss 0.3667", []), ("loss 0.0110", ["samples"]), ("loss 13.3333", ["batches"])],
)
def test_both_usual_means_of_a_loss_are_right(observe, text, told):
    figures = tally(observe, *SECOND).loss([])
    assert observe.told.compare(figures, list(observe.told.written(text)), percent=False)["told"] == told


def passes(*told, right=False, apart=("batches", "carried", "mean-of-means")):
    kept = {"kind": "accuracy", "key": 1, "right": right, "apart": apart}
    figures = [{"": 0.9, **dict.fromkeys(one, 0.905 + 0.001 * place)} for place, one in enumerate(told)]
    return {"seen": [{**kept, "told": one, "figures": of} for one, of in zip(told, figures, strict=True)]}


@pytest.mark.parametrize(
    ("seen", "ids"),
    [
        (passes(["batches"], ["batches"]), ["metric-has-other-denominator"]),
        (passes(["batches"], []), []),
        (passes(["batches"]), []),
        (passes(["batches"], ["batches"], right=True), []),
        (passes(["carried"], ["carried"]), ["metric-never-reset"]),
    ],
)
def test_a_wrong_figure_is_told_where_it_comes_after_each_pass_and_the_right_one_after_none(seen, ids):
    assert found(sums, told=seen) == ids


def test_a_mean_of_means_that_is_nearly_right_is_no_warning():
    evidence = Evidence(ended=True, facts=Facts(steps=9, backwards=9, sections={"told": passes(["mean-of-means"])}))
    assert list(sums(evidence, evidence.facts, Maker("train.py"))) == []
    evidence.facts.sections["told"] = passes(["mean-of-means"], ["mean-of-means"])
    assert [one.severity for one in sums(evidence, evidence.facts, Maker("train.py"))] == ["info"]


@pytest.mark.parametrize(
    ("seen", "ids"),
    [
        ({"training": ["Dropout"]}, ["exported-in-train-mode"]),
        ({"fixed": True, "rows": 32}, ["exported-for-one-size"]),
        ({"fixed": False, "rows": 32}, []),
        ({"fixed": True, "rows": 0}, []),
    ],
)
def test_a_model_is_exported_for_use(seen, ids):
    assert found(exports, exports={"seen": [{"function": "torch.export.export", **seen}]}) == ids


def test_an_export_for_one_sample_may_be_meant():
    seen = {"seen": [{"function": "torch.onnx.export", "fixed": True, "rows": 1}]}
    evidence = Evidence(ended=True, facts=Facts(steps=9, backwards=9, sections={"exports": seen}))
    assert [one.severity for one in exports(evidence, evidence.facts, Maker("train.py"))] == ["info"]


@pytest.mark.parametrize(
    ("across", "again", "ids"),
    [(True, False, ["workers-draw-alike"]), (False, True, ["workers-draw-alike"]), (False, False, [])],
)
def test_workers_draw_numbers_of_their_own(across, again, ids):
    seen = {"train": {"rows": 400}, "workers": [{"workers": 2, "across": across, "again": again}]}
    assert found(order, data=seen) == ids


@pytest.mark.parametrize(
    ("sampler", "ids"),
    [
        ({"passes": 3, "epochs": [0, 0, 0]}, ["sampler-epoch-not-set"]),
        ({"passes": 3, "epochs": [0, 1, 2]}, []),
        ({"passes": 1, "epochs": [0]}, []),
        ({"passes": 3, "epochs": [0, 0, 0], "shuffle": False}, []),
    ],
)
def test_a_distributed_sampler_is_told_the_epoch(sampler, ids):
    assert found(order, samplers={"seen": [sampler]}) == ids


COMPILED = """
import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(300, 4)
y = (x[:, :2].sum(1) > 0).float()
model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)


@torch.compile(backend="eager")
def loss_of(rows):
    answer = model(x[rows]).squeeze(1)
    return nn.functional.binary_cross_entropy_with_logits(answer, y[rows]), (answer > 0).float().mean()


for _ in range(4):
    for rows in torch.randperm(300).split(50):
        loss, share = loss_of(rows)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
"""


@pytest.mark.slow
def test_a_loss_inside_of_a_compiled_function_is_no_crash(sandbox):
    report = verify({"train.py": COMPILED}, framework="pytorch", sandbox=sandbox, limits=Limits(wall_s=90), tests=False)
    assert (report.status, [one.id for one in report.findings if one.severity != "info"]) == ("passed", [])
