"""What a Keras program decides from its outputs, how it weights classes, and in which direction it goes."""

import numpy as np
import pytest

from sandbox.evidence import Evidence, Facts, LossCall, PassFacts
from sandbox.findings.finding import Maker
from sandbox.findings.keras import KERAS_RULES
from sandbox.findings.losses import contracts

MAKE = Maker("train.py")
AT = ("train.py", 7)
RECALL = {"name": "recall", "kind": "Recall", "where": AT, "threshold": 0.5, "low": -2.0, "high": 3.0, "samples": 32}
LOGITS = {"kind": "binary", "call": 1, "from_logits": True}


def found(sections, *, samples=(), losses=(), probes=None, passes=(), **told):
    calls = [LossCall(function=told.pop("function", "loss"), where=AT, calls=len(samples), sampled=list(samples))]
    facts = Facts(
        **{"steps": 50, "backwards": 50, "sections": sections, "loss_calls": calls if samples else [], **told}
    )
    evidence = Evidence(ended=True, losses=[(i, loss, 0) for i, loss in enumerate(losses)], facts=facts)
    evidence.probes, evidence.passes = probes or {}, [PassFacts(**one) for one in passes]
    rules = [*KERAS_RULES, contracts]
    return [(one.id, one.catalogue, one.severity) for rule in rules for one in rule(evidence, facts, MAKE)]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, [("threshold-of-other-scale", "F3", "warning")]),
        ({"low": 0.01, "high": 0.98}, []),
        ({"threshold": None}, []),
        (
            {"kind": "binary_accuracy", "threshold": None, "low": 0.0, "high": 1.0, "told": 0.9, "right": 0.4},
            [("accuracy-of-wrong-kind", "K15", "warning")],
        ),
        ({"threshold": None, "told": 0.9, "right": 0.89}, []),
        ({"threshold": None, "of_values": True}, [("accuracy-of-wrong-kind", "K15", "warning")]),
    ],
)
def test_a_metric_is_judged_by_what_it_was_given(change, told):
    assert found({"judged": {"seen": [RECALL | change, RECALL | change]}}) == told


@pytest.mark.parametrize(
    ("cut", "from_logits", "named"),
    [
        ({"cut": 0.5, "min": -3.0, "max": 2.0}, True, True),
        ({"cut": 0.5}, True, True),
        ({"cut": 0.5, "min": 0.1, "max": 0.9}, True, False),
        ({"cut": 0.5, "min": -3.0, "max": 2.0}, None, False),
    ],
)
def test_logits_are_no_probabilities_to_compare_with(cut, from_logits, named):
    samples = [LOGITS | {"from_logits": from_logits}]
    told = found({"decisions": {"cut": [cut | {"where": AT}]}}, samples=samples)
    assert (("threshold-of-other-scale", "F3", "warning") in told) == named


def test_decisions_under_a_gradient_are_laid_to_the_loss_only_where_nothing_learned():
    section, parameter = (
        {"decisions": {"taught": [{"where": AT}]}},
        {"name": "w", "shape": [2], "trainable": True, "values": 2},
    )
    parameter |= {"held": True, "gradient": False}
    assert found(section, parameters=[parameter | {"changed": False}]) == [("loss-of-decisions", "B17", "critical")]
    assert found(section, parameters=[parameter | {"changed": True}]) == []


@pytest.mark.parametrize(
    ("steps", "turned", "told"),
    [(40, 40, [("loss-maximised", "B13", "critical")]), (40, 3, []), (0, 0, [])],
)
def test_gradients_are_turned_round_only_where_nearly_all_are(steps, turned, told):
    assert found({"ascent": {"steps": steps, "turned": turned, "where": AT}}) == told


@pytest.mark.parametrize(
    ("weights", "named"),
    [
        ([2.0, 1.0, 0.5], True),
        ([0.5, 1.0, 2.0], False),
        ([0.38, 0.77, 3.85], False),
        ([0.77, 3.85, 0.38], True),
        ([1.0, 1.0, 1.0], False),
        ([1.0, 2.0, 1.0], False),
    ],
)
def test_weights_that_follow_the_labels_are_held_against_their_frequency(weights, named):
    told = [(label, weight, count) for label, (weight, count) in enumerate(zip(weights, (100, 50, 10), strict=True))]
    samples = [{"kind": "classes", "call": 1, "label_weights": told}]
    assert (("class-weights-inverted", "B20", "warning") in found({}, samples=samples)) == named


@pytest.mark.parametrize(
    ("agreements", "losses", "named"),
    [
        ([0.1, 0.0, -0.1, -0.3, -0.5, -0.7], [0.6, 0.5, 0.4, 0.2, 0.1, 0.05], True),
        ([-0.1, 0.0, 0.1, 0.3, 0.5, 0.7], [0.6, 0.5, 0.4, 0.2, 0.1, 0.05], False),
        ([0.1, 0.0, -0.1, -0.3, -0.5, -0.7], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], False),
        ([-0.3] * 6, [0.6, 0.5, 0.4, 0.2, 0.1, 0.05], False),
    ],
)
def test_a_score_that_falls_is_told_where_the_outputs_become_the_opposite(agreements, losses, named):
    samples = [{"kind": "custom", "call": i + 1, "agreement": one} for i, one in enumerate(agreements)]
    told = found({}, samples=samples, losses=losses, function="dice")
    assert (("loss-maximised", "B13", "critical") in told) == named


def test_weights_belong_to_labels_where_samples_of_one_label_count_alike(observe):
    labels = np.array([0, 1, 1, 0])
    told = observe.losses_labels.label_weights
    assert told(labels, np.array([2.0, 1.0, 1.0, 2.0])) == {"label_weights": [[0, 2.0, 2], [1, 1.0, 2]]}
    assert told(np.eye(2)[labels], np.array([2.0, 1.0, 1.0, 2.0])) == {"label_weights": [[0, 2.0, 2], [1, 1.0, 2]]}
    assert told(labels, np.array([2.0, 1.0, 3.0, 2.0])) == {}


@pytest.mark.parametrize(
    ("lines", "cut"),
    [
        ("p = model.predict(x)\nq = (p > 0.5).astype(int)", (0.5, ("a.py", 2))),
        ("p = (model.predict(x) > 0.3)", (0.3, ("a.py", 1))),
        ("p = model.predict(x).ravel()\nq = np.squeeze(p)\nr = np.where(q[:9] >= 0.5, 1, 0)", (0.5, ("a.py", 3))),
        ("p = model.predict(x)\nq = np.round(p)", (0.5, ("a.py", 2))),
        ("p = model.predict(x)\np = sigmoid(p)\nq = p > 0.5", None),
        ("p = model.predict(x)\nq = p > 0", None),
        ("p = model.predict(x)\nq = p.argmax(1)", None),
        ("p = model.predict(x)\nq = error > 0.5", None),
    ],
)
def test_what_predict_answered_is_followed_to_a_comparison(lines, cut, observe, tmp_path):
    file = tmp_path / "a.py"
    file.write_text(lines, encoding="utf-8")
    told = observe.thresholds.cuts(str(file), 1)
    assert told == (cut and (cut[0], (str(file), cut[1][1])))


PARTS = [{"name": f"net/att/dense_{i}/kernel", "shape": [8, 8], "values": 64, "trainable": True} for i in range(3)]
SEEN = {"layout": {"events": {"attention": [{"where": AT, "shape": [4, 2, 5, 5]}]}}}


@pytest.mark.parametrize(
    ("unused", "gradients", "named"),
    [
        ([], (True, True, False), True),
        ([], (True, True, True), False),
        ([], (True, False, False), False),
        ([{"name": "wk", "parent": "Attention", "beside": 3}], (True, True, True), True),
        ([{"name": "aux", "parent": "Net", "beside": 1}], (True, True, True), False),
    ],
)
def test_an_idle_projection_stands_beside_others_that_learn(unused, gradients, named):
    parameters = [
        one | {"held": True, "gradient": got, "changed": got} for one, got in zip(PARTS, gradients, strict=True)
    ]
    told = found({}, probes=SEEN | {"unused": {"seen": unused}}, parameters=parameters)
    assert (("projection-idle", "E12", "warning") in told) == named


@pytest.mark.parametrize(
    ("keys", "named"), [([0, 1, 2], False), ([1, 2, 3], True), ([0, 1], True), ([1], False), ([0, 1, 2, 3], False)]
)
def test_each_label_needs_a_weight_where_several_have_one(keys, named):
    samples = [{"kind": "classes", "call": 1, "label_weights": [(label, 1.0, 40) for label in range(3)]}]
    told = found({"class-weights": {"where": AT, "keys": keys}}, samples=samples)
    assert (("class-weights-length", "B20", "warning") in told) == named


@pytest.mark.parametrize(
    ("last", "losses", "named"),
    [
        (0.1, [0.2, 0.0, -0.5, -1, -2, -3], True),
        (0.6, [0.2, 0.0, -0.5, -1, -2, -3], False),
        (0.1, [3, 2, 1, 1, 1, 1], False),
    ],
)
def test_a_loss_below_zero_is_held_against_the_share_of_right_answers(last, losses, named):
    figures = {"order": 0, "complete": True, "passes": 2, "first_after_step": 1, "after_step": 2, "task": "scores"}
    one = figures | {"history": [(1, 0.5), (2, last)], "predicted": [1.0, 0.0] * 20, "target": [0.0, 1.0] * 20}
    assert (("loss-maximised", "B13", "critical") in found({}, losses=losses, passes=[one])) == named


@pytest.mark.parametrize(("difference", "told"), [(0.5, [("rows-lost", "A12", "warning")]), (0.0, [])])
def test_a_mean_over_the_samples_is_told_where_it_moves_other_answers(difference, told):
    layout = {"layout": {"events": {"reduced-over-batch": [{"where": AT, "shape": [8, 4]}]}}}
    assert found({}, probes=layout | {"independence": {"difference": difference}}) == told


@pytest.mark.parametrize(
    ("shape", "format", "named"),
    [
        ([32, 3, 24, 20], "channels_last", True),
        ([32, 1, 28, 28], "channels_last", True),
        ([32, 28, 28, 1], "channels_last", False),
        ([32, 1, 128, 64], "channels_last", False),
        ([32, 24, 20, 3], "channels_first", True),
        ([32, 3, 24, 20], "channels_first", False),
    ],
)
def test_pictures_are_told_whose_channels_stand_at_the_other_end(shape, format, named):
    told = found({}, probes={"images": {"layer": "conv2d", "shape": shape, "given": shape, "format": format}})
    assert (("channels-misplaced", "A8", "warning") in told) == named
