"""What the probes of a trained model tell: axes that are torn, sequences that leak, padding and batches that count."""

import random
from types import SimpleNamespace

import numpy as np
import pytest

from sandbox.evidence import Evidence, Facts, Raised
from sandbox.faults.examples import example, examples
from sandbox.findings.finding import Maker
from sandbox.findings.layouts import layouts
from sandbox.findings.probes import probes
from sandbox.findings.sequences import sequences
from sandbox.findings.shapes import shape_error
from sandbox.verify import verify


class Subject:
    """A plain function in the place of a trained model."""

    def __init__(self, answers, ask, *inputs, weight_layers=2):
        self.weight_layers, self.padding_ids, self._inputs = weight_layers, [0], list(inputs)
        self.rows = len(inputs[0])
        self.answers = answers.Answers(lambda given: ask(*given), inputs, 0)

    def arrays(self):
        return self._inputs


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((2, 16, 48), (2, 16, 4, 12)),
        ((2, 16, 4, 12), (2, 16, 48)),
        ((7, 2, 48), (7, 8, 12)),
        ((2, 16, 16, 2), (2, 4, 4, 4, 4, 2)),
        ((2, 3, 32, 32), (2, 3072)),
        ((2, 64), (2, 4, 4, 4)),
        ((2, 100, 3), (2, 25, 12)),
        ((16, 10, 20), (160, 20)),
        ((2, 28, 28, 1), (2, 28, 28)),
        ((2, 8, 5, 6), (2, 8, 6, 5)),
    ],
    ids=[
        "split heads",
        "merge heads",
        "heads into batch",
        "grid",
        "flatten",
        "unflatten",
        "chunks",
        "rows",
        "channel",
        "shift",
    ],
)
def test_a_reshape_that_joins_and_splits_neighbours_is_no_fault(before, after, observe):
    assert not observe.reshapes.scrambles(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((2, 16, 48), (2, 4, 16, 12)),
        ((2, 4, 16, 12), (2, 16, 48)),
        ((10, 16, 48), (16, 10, 48)),
        ((4, 16, 32), (16, 128)),
        ((2, 3, 32, 32), (2, 64, 48)),
        ((2, 32, 32, 3), (2, 3, 32, 32)),
        ((2, 16, 16, 2), (2, 16, 32)),
        ((2, 3, 14, 14, 16, 16), (2, 196, 768)),
    ],
    ids=[
        "split heads",
        "merge heads",
        "time and batch",
        "last states",
        "patches",
        "channels",
        "rows as patches",
        "unfolded",
    ],
)
def test_a_reshape_in_the_place_of_a_transpose_is_seen(before, after, observe):
    assert observe.reshapes.scrambles(before, after)


@pytest.mark.parametrize(
    ("target", "relation"),
    [
        (lambda ids: np.roll(ids, -1, 1), (1, "next")),
        (lambda ids: ids[:, 1:], (1, "next")),
        (lambda ids: ids.ravel(), (1, "same")),
        (lambda ids: np.roll(ids, -1, 0), (0, "next")),
        (lambda ids: (ids * 7 + 3) % 50, None),
        (lambda ids: ids[:, 0], None),
    ],
    ids=["shifted", "shifted and cut", "itself", "time first", "others", "labels"],
)
def test_targets_that_are_the_next_inputs_are_recognised(target, relation, observe):
    ids = np.random.default_rng(0).integers(0, 50, (24, 20))
    assert observe.task.relate(ids, target(ids)) == relation


def mean_before(x):
    return np.cumsum(x, 1) / np.arange(1, x.shape[1] + 1)[:, None]


@pytest.mark.parametrize(
    ("ask", "ahead"),
    [(mean_before, 0), (lambda x: mean_before(np.roll(x, -1, 1)), 1), (lambda x: mean_before(x[:, ::-1])[:, ::-1], 11)],
    ids=["causal", "one ahead", "backwards"],
)
def test_what_each_position_sees_is_measured(ask, ahead, observe):
    x = np.random.default_rng(0).normal(size=(3, 12, 4))
    seen = observe.positions.positions(Subject(observe.answers, ask, x))["seen"][0]
    inner = [
        (position, first) for position, first in zip(seen["asked"], seen["earliest"], strict=True) if 0 < position < 11
    ]
    assert max(position - first for position, first in inner) == min(ahead, max(position for position, _ in inner))


@pytest.mark.usefixtures("observe")
def test_blank_pictures_tell_nothing_of_their_axes():
    from observe.pictures import pictures
    from observe.probe import NotApplicable

    blank = SimpleNamespace(answers=SimpleNamespace(inputs=[np.zeros((1, 3, 16, 16), np.float32)], lead=0))
    with pytest.raises(NotApplicable, match="blank"):
        pictures(blank)


@pytest.mark.usefixtures("observe")
def test_a_model_that_chooses_among_few_is_asked_more_than_twice():
    from observe.chance import differs

    asked = iter([0, 0, 0, 1, 0])
    assert differs(lambda: (random.random(), next(asked))[1], lambda a, b: abs(a - b)) == {
        "difference": 1,
        "draws": True,
    }
    same = iter([0, 0])
    assert differs(lambda: next(same), lambda a, b: abs(a - b)) == {"difference": 0, "draws": False}


def test_a_line_is_told_from_a_curve(observe):
    x, weights = np.random.default_rng(0).normal(size=(8, 5)), np.random.default_rng(1).normal(size=(5, 3))
    straight = Subject(observe.answers, lambda x: x @ weights + 1, x)
    bent = Subject(observe.answers, lambda x: np.maximum(x @ weights, 0), x)
    assert observe.affine.affine(straight)["largest"] < 1e-6
    assert observe.affine.affine(bent)["largest"] > 0.1


def test_padding_that_counts_is_told_from_padding_that_does_not(observe):
    generator = np.random.default_rng(0)
    lengths = generator.integers(3, 10, 24)
    ids = np.where(np.arange(12) < lengths[:, None], generator.integers(1, 9, (24, 12)), 0)
    blind = Subject(observe.answers, lambda ids: ids.sum(1, keepdims=True) / 1.0, ids)
    counting = Subject(observe.answers, lambda ids: ids.mean(1, keepdims=True), ids)
    assert observe.padding.padding(blind)["difference"] == 0
    assert observe.padding.padding(counting)["difference"] > 0.1


@pytest.mark.parametrize(("mask", "reach"), [(0, []), (1, [1]), (-1, [-1])])
def test_how_far_ahead_a_mask_lets_a_position_see(mask, reach, observe):
    layout = observe.layout.Layout(rows=2)
    layout.selected(~np.tri(6, k=mask, dtype=bool))
    assert [one["reach"] for one in layout.events.get("mask-offset", [])] == reach
    layout.selected(np.tri(6, dtype=bool))
    assert len(layout.events["mask-inverted"]) == 1


NEXT = {"task": {"looked": 6, "relations": [{"input": 0, "axis": 1, "kind": "next", "batches": 6}]}}


def leaking(reach, length=20):
    asked = [1, 5, 10, 15, 19]
    earliest = [max(0, one - reach) for one in asked]
    seen = {"input": 0, "axis": 1, "length": length, "asked": asked, "earliest": earliest}
    return {"positions": {"seen": [{**seen, "leak": 0.3, "own": 1.0}]}}


def found(rule, probed, sections=None):
    facts = Facts(steps=9, backwards=9, sections=sections or {})
    return [(one.id, one.catalogue) for one in rule(Evidence(probes=probed, facts=facts), facts, Maker("train.py"))]


TIME_FIRST = {"layout": {"time_first": [{"layer": "gru", "type": "GRU", "shape": [2, 3, 4]}]}}
MASKED = {"layout": {"events": {"mask-after-softmax": [{"where": ("train.py", 7)}]}}}
TORN = {"layout": {"events": {"scrambled": [{"before": [2, 4, 16, 12], "after": [2, 16, 48], "axes": [1, 2, 3]}]}}}


SAME = {"task": {"looked": 6, "relations": [{"input": 1, "axis": 1, "kind": "same", "batches": 6}]}}


def decoding(own):
    seen = {"input": 1, "axis": 1, "length": 8, "asked": [1, 5], "earliest": [1, 5], "leak": 0.0, "own": own}
    return {"positions": {"seen": [seen]}}


@pytest.mark.parametrize(
    ("own", "sections", "expected"),
    [(0.7, SAME, [("decoder-sees-its-target", "E8")]), (0.0, SAME, []), (0.7, NEXT, []), (0.7, {}, [])],
)
def test_a_decoder_that_is_given_its_target_at_each_place_copies_it(own, sections, expected):
    assert found(sequences, decoding(own), sections) == expected


@pytest.mark.parametrize(
    ("probed", "sections", "expected"),
    [
        (leaking(20), NEXT, [("causal-mask-missing", "E1")]),
        (leaking(1), NEXT, [("causal-mask-off-by-one", "E4")]),
        (leaking(20) | MASKED, NEXT, [("causal-mask-without-effect", "E3")]),
        (leaking(20) | TORN, NEXT, []),
        (leaking(20), {}, []),
        (leaking(0), NEXT, []),
    ],
    ids=["no mask", "one ahead", "after softmax", "explained by a reshape", "not causal", "causal"],
)
def test_seeing_the_future_is_a_fault_only_where_it_is_the_target(probed, sections, expected):
    assert found(sequences, probed, sections) == expected


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (
            {"scrambled": [{"before": [2, 4, 16, 12], "after": [2, 16, 48], "axes": [1, 2, 3]}]},
            ("axes-scrambled", "E12"),
        ),
        ({"scrambled": [{"before": [2, 16, 48], "after": [2, 4, 16, 12], "axes": [1, 2]}]}, ("axes-scrambled", "A3")),
        ({"scrambled": [{"before": [9, 2, 8], "after": [2, 9, 8], "axes": [0, 1]}]}, ("axes-scrambled", "A4")),
        (
            {"scrambled": [{"before": [2, 32, 32, 3], "after": [2, 64, 48], "axes": [1, 2, 3]}]},
            ("axes-scrambled", "A13"),
        ),
        ({"softmax-over-queries": [{"shape": [2, 4, 8, 8], "axis": 2}]}, ("softmax-over-wrong-axis", "A6")),
        ({"features-averaged": [{"shape": [2, 16, 32]}]}, ("features-averaged", "A12")),
        ({"attention": [{"shape": [2, 4, 8, 8], "contracted": 16, "scaled": False}]}, ("scores-not-scaled", "C35")),
        ({"linear-chain": [{"shape": [6, 32, 1]}]}, ("no-nonlinearity", "C33")),
    ],
)
def test_what_is_done_to_the_axes_is_named_by_its_number(events, expected):
    assert found(layouts, {"layout": {"events": events}}) == [expected]


@pytest.mark.parametrize(
    "events",
    [
        {"softmax-over-batch": [{"shape": [8, 4], "axis": 0}]},
        {"attention": [{"shape": [2, 4, 8, 8], "contracted": 16, "scaled": True}]},
        {"attention": [{"shape": [2, 4, 8, 8], "contracted": 4, "scaled": False}]},
        {"attention": [{"shape": [2, 4, 8, 8], "contracted": 16, "scaled": False}], "relative": [{"shape": [8, 8]}]},
        "no table",
    ],
)
def test_what_may_be_meant_is_not_named(events):
    assert found(layouts, {"layout": {"events": events}}) == []


@pytest.mark.parametrize(
    ("probed", "expected"),
    [
        ({"batch-sizes": {"rows": 8, "differences": {"5": 0.0}, "errors": {"1": "IndexError: x"}}}, ["batch-of-one"]),
        ({"batch-sizes": {"rows": 8, "differences": {}, "errors": {"1": "x", "5": "x"}}}, ["fixed-batch-size"]),
        ({"batch-sizes": {"rows": 8, "differences": {"1": None}, "errors": {"5": "x"}}}, ["fixed-batch-size"]),
        ({"affine": {"bend": 0.0, "largest": 1e-7, "weights": 3}}, ["no-nonlinearity"]),
        ({"affine": {"bend": 0.0, "largest": 1e-7, "weights": 1}}, []),
        ({"affine": {"bend": 0.0, "largest": 0.3, "weights": 3}}, []),
        ({"state": {"names": ["state"], "effect": 0.1}, "independence": {"difference": 0.5}}, ["state-carried-over"]),
        ({"determinism": {"difference": float("nan")}}, []),
        ({"independence": {"difference": 0.5}}, ["batch-mixing"]),
        ({"independence": {"difference": 0.5}} | TIME_FIRST, []),
    ],
)  # fmt: skip
def test_probes_name_the_cause_and_keep_quiet_where_another_finding_does(probed, expected):
    assert [id for id, _ in found(probes, probed)] == expected


@pytest.mark.parametrize(
    ("message", "stage", "steps", "number"),
    [
        ("mat1 and mat2 shapes cannot be multiplied (1x4096 and 128x64)", "forward", 0, "A9"),
        ("mat1 and mat2 shapes cannot be multiplied (32x100 and 128x64)", "forward", 0, None),
        ("shape '[32, 8, 8]' is invalid for input of size 640", "forward", 7, "A2"),
        ("shape '[32, 8, 8]' is invalid for input of size 640", "forward", 0, None),
        ("expected input[16, 32, 32, 3] to have 3 channels, but got 32 channels instead", "forward", 0, "A8"),
        ("Sizes of tensors must match except in dimension 1. Expected size 8 but got size 9", "forward", 0, "A15"),
        ("index out of range in self", "forward", 0, "E13"),
        ("indices[0,2] = 20 is not in [0, 20)", "forward", 0, "E13"),
        ("`lengths` array must be sorted in decreasing order", "forward", 0, "E11"),
        ("Expected input batch_size (320) to match target batch_size (32).", "", 0, "A9"),
        ("Expected input batch_size (10) to match target batch_size (32).", "", 0, "A12"),
    ],
)
def test_the_figures_of_an_exception_tell_its_fault(message, stage, steps, number):
    raised = Raised(type="RuntimeError", message=message, stage=stage, steps=steps)
    evidence = Evidence(raised=raised, facts=Facts(steps=steps, backwards=steps))
    finding = shape_error(evidence, Maker("train.py"), ("train.py", 3))
    assert (finding.catalogue if finding else None) == number


@pytest.mark.parametrize(
    "id", ["causal-mask-missing", "causal-mask-without-effect", "order-not-seen", "axes-scrambled"]
)
def test_a_sequence_model_that_cannot_be_meant_is_named_and_its_right_version_is_not(id, sandbox):
    text = examples(id)["pytorch"]
    wrong, right = (
        verify({"train.py": example(text, version)}, framework="pytorch", sandbox=sandbox)
        for version in ("wrong", "right")
    )
    assert id in [one.id for one in wrong.findings]
    assert [one.id for one in right.findings if one.severity != "info"] == []
