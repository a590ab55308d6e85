"""Data and loops of Keras programs: splits that overlap, statistics of held-out samples, what runs eagerly or again."""

import numpy as np
import pytest

from sandbox.evidence import Evidence, Facts, LossCall, PassFacts, Raised
from sandbox.findings.data import data
from sandbox.findings.data_order import order
from sandbox.findings.data_series import Series, scaled_series
from sandbox.findings.data_values import values
from sandbox.findings.finding import Maker
from sandbox.findings.keras_crashes import keras_crash
from sandbox.findings.keras_fit import fitting, warned
from sandbox.findings.keras_training import functions
from sandbox.findings.losses import contracts
from sandbox.findings.records import logs
from sandbox.findings.training_state import kept_weights

MAKE = Maker("train.py")
RNG = np.random.default_rng(3)


def found(rule, sections=None, **facts):
    """(id, severity) of what one rule tells."""
    told = Facts(**{"steps": 100, "backwards": 100, "sections": sections or {}, **facts})
    return [(one.id, one.severity) for one in rule(Evidence(facts=told), told, MAKE)]


OVERLAP = [("train-test-overlap", "warning")]


@pytest.mark.parametrize(
    ("sets", "expected"),
    [
        ([{"evaluated": 300, "unique": 300, "trained_on": 100}], OVERLAP),
        ([{"evaluated": 300, "unique": 300, "trained_on": 0}], []),
        ([{"evaluated": 300, "unique": 20, "trained_on": 100}], []),
        ([{"evaluated": 300, "unique": 300, "trained_on": 300, "validates": True}], OVERLAP),
        ([{"evaluated": 300, "unique": 300, "trained_on": 300}, {"evaluated": 90, "unique": 90, "trained_on": 0}], []),
        ([{"evaluated": 300, "unique": 300, "trained_on": 300}], OVERLAP),
    ],
    ids=["in part", "apart", "few samples", "validates", "beside held-out ones", "nothing else"],
)
def test_datasets_are_compared_before_they_are_augmented(sets, expected):
    assert found(data, {"data": {"overlaps": sets}}) == expected


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"evaluated": 200}, [("fitted-before-split", "warning")]),
        ({"evaluated": 200, "kept_away": 1}, [("fitted-before-split", "info")]),
        ({"evaluated": 3}, []),
    ],
)
def test_a_layer_that_learned_from_every_held_out_set_is_told(figures, expected):
    assert found(values, {"data": {"adapted": [{"layer": "TextVectorization", "rows": 1000, **figures}]}}) == expected


@pytest.mark.parametrize(
    ("runs", "held_out", "expected"),
    [(0.9, [[0, 200]], True), (0.5, [[0, 200]], False), (0.9, [[0, 110], [1, 90]], False)],
    ids=["sorted", "mixed", "alike"],
)
def test_parts_of_labels_in_order_may_differ_by_less(runs, held_out, expected):
    train = {"whole": True, "distinct": 2, "counts": [[0, 560], [1, 440]], "runs": runs}
    other = {"whole": True, "distinct": len(held_out), "counts": held_out}
    sets = {"train": {"rows": 1000, "labels": train}, "held_out": [{"rows": 200, "labels": other}]}
    assert (("split-of-sorted-data", "warning") in found(values, {"data": sets})) == expected


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        ({"mean": -0.996, "std": 0.002, "low": -1.0, "high": -0.992}, True),
        ({"mean": -0.1, "std": 0.5, "low": -1.0, "high": 1.0}, False),
        ({"mean": 1.0, "std": 0.0, "low": 1.0, "high": 1.0}, False),
    ],
    ids=["scaled twice", "scaled once", "constant"],
)
def test_inputs_that_hardly_differ_are_scaled_twice(seen, told):
    sections = {"data": {"train": {"rows": 100, "kind": "f"}}, "scale": {"layer": "Conv2D", **seen}}
    assert (("inputs-not-normalised", "warning") in found(values, sections)) == told


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        ({"made": 8, "again": 7, "calls": 200, "traces": 8, "kinds": 8}, True),
        ({"made": 8, "again": 0, "calls": 200, "traces": 8, "kinds": 8}, False),
    ],
    ids=["the same function", "one for each model"],
)
def test_a_function_that_is_compiled_anew_is_told(figures, told):
    sections = {"keras-functions": {"functions": [{"name": "train_step", **figures}]}}
    assert bool(found(functions, sections)) == told


@pytest.mark.parametrize(("steps", "told"), [(60, True), (2, False)])
def test_functions_that_are_left_to_run_eagerly_are_told(steps, told):
    sections = {"fitting": {"debugged": {"where": ["train.py", 4], "steps": steps}}}
    assert found(fitting, sections) == [("run-eagerly-left-on", "warning")] * told


def test_a_generator_that_is_used_up_is_told():
    spoken = [{"message": "Your input ran out of data; interrupting training."}]
    assert found(warned, {"fitting": {"fits": [{"epochs": 8, "steps": 20}]}}, warnings=spoken) == [
        ("data-exhausted", "warning")
    ]


@pytest.mark.parametrize(("low", "high", "whole", "told"), [(0.0, 0.008, False, True), (0.0, 2.0, True, False)])
def test_class_labels_with_fractions_are_told(low, high, whole, told):
    figures = {"kind": "classes", "call": 1, "classes": 3, "input_shape": [8, 3], "target_shape": [8]}
    figures |= {"target_min": low, "target_max": high, "target_integral": whole, "min": -1.0, "max": 1.0}
    call = LossCall(function="sparse_categorical_crossentropy", where=("train.py", 7), calls=1, sampled=[figures])
    assert (("labels-degenerate", "critical") in found(contracts, loss_calls=[call])) == told


def test_the_last_batch_is_known_by_a_loss_that_was_divided():
    curve = [(step, 1.0 / (1 + step) + 0.1 * (step % 3), 0) for step in range(40)]
    last = [2 * curve[9 + 10 * epoch][1] for epoch in range(4)]
    told = Evidence(losses=curve, scalars={"train/loss": list(enumerate(last))}, facts=Facts(steps=40, backwards=40))
    assert [one.id for one in logs(told, told.counted, MAKE)] == ["last-batch-logged"]
    told.scalars = {"train/loss": [(epoch, sum(loss for _, loss, _ in curve[:10])) for epoch in range(4)]}
    assert "last-batch-logged" not in [one.id for one in logs(told, told.counted, MAKE)]


def test_a_loss_that_does_not_move_is_its_own_mean():
    curve = [(step, 0.693, 0) for step in range(40)]
    facts = Facts(steps=40, backwards=40)
    told = Evidence(losses=curve, scalars={"loss": [(epoch, 0.693) for epoch in range(4)]}, facts=facts)
    assert [one.id for one in logs(told, facts, MAKE)] == []


def test_single_samples_that_are_too_small_for_a_layer_are_named_as_not_batched():
    fit = {"x_axes": 3, "y_axes": 0, "model_axes": 4}
    evidence = Evidence(raised=Raised(type="ValueError", message="Negative dimension size caused by subtracting 2"))
    evidence.facts = Facts(steps=0, backwards=0, sections={"fitting": {"fits": [fit]}})
    assert keras_crash(evidence, MAKE, None).id == "dataset-batched-wrongly"


def test_token_ids_are_counted_and_what_all_samples_have_is_left_out(observe):
    bags = observe.bags.bags
    rows = np.array([[1, 2, 5, 0], [1, 3, 3, 0], [1, 2, 0, 0], [1, 3, 2, 2]], np.float32)
    assert bags(rows).shape == (4, 3)  # 0 and 2 and 3; 1 is everywhere, 5 in one sample alone
    assert bags(rows + 0.5) is None


ONCE = {
    "complete": True,
    "passes": 1,
    "through_loader": True,
    "task": "classes",
    "unique": 100,
    "samples": 100,
    "target": [1.0],
}


@pytest.mark.parametrize(
    ("tested", "expected"),
    [
        ({"hashed": 100, "trained_on": 100}, OVERLAP),
        ({"hashed": 300, "unique": 300, "trained_on": 300}, []),
        ({"hashed": 100, "trained_on": 0}, []),
        ({"hashed": 100, "trained_on": 100, "target": []}, []),
    ],
    ids=["a part of it", "all of it", "held out", "shown, and judged by nothing"],
)
def test_a_test_on_a_part_of_what_was_trained_on_is_told(tested, expected):
    validated = PassFacts(**ONCE, order=0, first_after_step=10, after_step=100, hashed=100)
    last = PassFacts(**{**ONCE, **tested}, order=1, first_after_step=100, after_step=100)
    told = Facts(steps=100, backwards=100, sections={"data": {"train": {"rows": 300}}})
    rule = data(Evidence(facts=told, passes=[validated, last]), told, MAKE)
    assert [(one.id, one.severity) for one in rule] == expected


@pytest.mark.parametrize(("last", "told"), [(60, True), (100, False)], ids=["earlier", "those of the end"])
def test_best_weights_that_are_kept_in_memory_are_put_back(last, told):
    sections = {"copies": {"unused": {"times": 1, "last": last}}, "keras-weights": {}}
    assert found(kept_weights, sections) == [("best-weights-not-restored", "warning")] * told


@pytest.mark.parametrize(("last", "expected"), [(True, ["last-batch-logged"]), (False, [])])
def test_a_training_step_that_tells_the_loss_of_its_batch_alone_is_named(last, expected):
    curve = [(step, 1.0 / (1 + step) + 0.1 * (step % 3), 0) for step in range(40)]
    epochs = [[loss for _, loss, _ in curve[start : start + 10]] for start in range(0, 40, 10)]
    history = {"loss": [epoch[-1] if last else sum(epoch) / 10 for epoch in epochs]}
    told = Facts(steps=40, backwards=40, sections={"fitting": {"fits": [{"history": history}]}})
    assert [one.id for one in logs(Evidence(losses=curve, facts=told), told, MAKE)] == expected


@pytest.mark.parametrize(("ended", "told"), [(False, True), (True, False)])
def test_a_loop_that_never_ends_is_named_by_its_dataset(ended, told):
    facts = Facts(steps=900, backwards=900, sections={"fitting": {"endless": [["train.py", 40]]}})
    rule = fitting(Evidence(ended=ended, facts=facts), facts, MAKE)
    assert [(one.id, one.severity, one.line) for one in rule] == [("dataset-without-end", "warning", 40)] * told


@pytest.mark.parametrize(("high", "told"), [(0.0, True), (1.0, False)])
def test_inputs_that_are_all_the_same_are_told(high, told):
    train = {"rows": 200, "shape": [8, 8, 3], "kind": "f", "low": 0.0, "high": high, "mean": high / 2, "std": high / 4}
    assert (("inputs-not-normalised", "warning") in found(values, {"data": {"train": train}})) == told


@pytest.mark.parametrize("apart", [True, False])
def test_labels_that_are_shuffled_by_themselves_are_told(apart):
    sections = {"data": {"train": {"rows": 200}, "pipelines": [{"steps": ["Batch", "Zip"], "shuffled_apart": apart}]}}
    assert found(order, sections) == [("labels-unrelated", "warning")] * apart


@pytest.mark.parametrize(
    ("columns", "standard", "told"), [(2, [2], True), (1, [1, 1], True), (1, [1], False), (1, [1, 0], False)]
)
def test_one_column_of_a_series_may_have_such_a_scale_by_chance(columns, standard, told):
    apart = [{"steps": 215, "standard": count} for count in standard]
    seen = Series(columns=columns, steps=900, together=columns, alone=columns, apart=apart)
    assert [one.id for one in scaled_series(seen, MAKE, None, "")] == ["scaled-by-itself"] * told
