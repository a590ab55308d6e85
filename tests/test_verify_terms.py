"""What a loss is added up from, what tokens and windows are held against, and what a model keeps of its data."""

import numpy as np
import pytest

from sandbox.evidence import Evidence, Facts, PassFacts, Raised
from sandbox.findings.data import data
from sandbox.findings.data_values import values
from sandbox.findings.finding import Maker
from sandbox.findings.losses import contracts
from sandbox.findings.losses_added import added_terms
from sandbox.findings.losses_raised import loss_error
from sandbox.findings.shapes import shape_error
from sandbox.findings.source import source_faults
from sandbox.findings.training_by_hand import by_hand
from sandbox.findings.training_errors import training_error
from sandbox.findings.training_graph import graph

RNG = np.random.default_rng(3)
CHANGING = [0.1, 0.3, 0.2, 0.5]


def found(rule, *, calls=(), raised=None, **sections):
    evidence = Evidence(ended=True, raised=raised)
    evidence.facts = Facts(steps=50, backwards=50, loss_calls=list(calls), sections=sections)
    told = rule(evidence, evidence.facts, Maker("train.py"))
    return [(one.id, one.catalogue) for one in told]


def without(*, count=50, decided=0, values=CHANGING):
    return {"without": [{"where": ("train.py", 9), "count": count, "decided": decided, "values": values}]}


@pytest.mark.parametrize(
    ("terms", "ids"),
    [
        (without(decided=50), [("loss-of-decisions", "B17")]),
        (without(), [("parameters-cut-off", "C6")]),
        (without(values=[0.0, 0.0, 0.0, 0.0]), []),  # a sum that begins with zero
        (without(values=[0.5, 0.5, 0.5, 0.5]), []),
        (without(count=4), []),
        ({"against": [{"cosines": [-0.9, -0.8, -0.6]}]}, [("loss-maximised", "B13")]),
        ({"against": [{"cosines": [-0.9, -0.1, -0.6]}]}, []),  # a penalty on large outputs
    ],
)
def test_each_term_of_a_loss_has_a_gradient_and_none_works_against_another(terms, ids):
    assert found(added_terms, terms=terms) == ids


@pytest.mark.slow
@pytest.mark.usefixtures("observe")
def test_frozen_tensors_whose_norms_one_line_adds_up_are_one_term():
    from observe.torch.terms import _by_line

    line, behind = ("train.py", 9), ("train.py", 12)
    constants = [("first", 0.5, line), ("second", 0.25, line), ("of another loss", 2.0, behind)]
    assert _by_line(constants, {"first", "second"}) == {line: 0.75}


@pytest.mark.parametrize(
    ("width", "high", "whole", "number"),
    [(64, 16.0, True, "D15"), (64, 2.5, False, "B12"), (1, 2.0, True, "B18"), (64, 1 / 255, False, "D17")],
)
def test_targets_of_a_binary_loss_are_pixels_labels_or_values(width, high, whole, number):
    figures = {"kind": "binary", "input_shape": [32, width], "target_shape": [32, width], "min": -2.0, "max": 2.0}
    figures |= {"target_min": 0.0, "target_max": high, "target_integral": whole, "carries": "output"}
    sampled = [{**figures, "call": call} for call in range(1, 6)]
    name = "binary_cross_entropy_with_logits"
    assert [no for _, no in found(contracts, calls=[{"function": name, "calls": 9, "sampled": sampled}])] == [number]


@pytest.mark.parametrize(
    ("rule", "message", "number"),
    [
        (shape_error, "Given normalized_shape=[32], expected [*, 32], but got input of size[2048]", "A9"),
        (shape_error, "Given normalized_shape=[32], expected [*, 32], but got input of size[8, 33]", None),
        (training_error, "unscale_() is being called after step().", "C21"),
        (loss_error, "all elements of target should be between 0 and 1", "B18"),
    ],
)
def test_an_exception_is_known_by_its_figures(rule, message, number):
    evidence = Evidence(
        ended=True, raised=Raised(type="RuntimeError", message=message), facts=Facts(steps=1, backwards=1)
    )
    one = rule(evidence, Maker("train.py"), ("train.py", 9))
    assert (one and one.catalogue) == number


def test_layers_without_an_activation_are_told_of_programs_with_an_optimiser_too():
    assert found(by_hand, functional={"steps": 40, "chain": [6, 64, 1]}) == [("no-nonlinearity", "C33")]


def padded(tags):
    words = RNG.integers(1, 40, (32, 12))
    for row, length in zip(range(32), RNG.integers(4, 13, 32), strict=True):
        words[row, length:], tags[row, length:] = 0, 0
    return words


def test_targets_are_padding_where_the_inputs_are_filled_up(observe):
    tags = RNG.integers(0, 4, (32, 12))
    words = padded(tags)
    assert observe.losses_tokens.describe_tokens(tags, words)["padding_id"] == 0
    assert "padding_id" not in observe.losses_tokens.describe_tokens(RNG.integers(0, 4, (32, 12)), words)


def test_predictions_come_in_the_order_of_their_targets(observe):
    answer = RNG.normal(size=(6, 9, 5))
    rows = observe.losses_tokens.rows_of
    assert rows(answer, answer.reshape(-1, 5), 1, ordered=True)["misplaced"] == 0
    turned = rows(answer, answer.swapaxes(0, 1).reshape(-1, 5), 1, ordered=True)
    assert turned["scattered"] == 0 and turned["misplaced"] > 0.8
    assert "misplaced" not in rows(answer, answer.swapaxes(0, 1).reshape(-1, 5), 1)


def neighbours(observe, held, trained):
    ledger, right = observe.data.Ledger(), np.zeros(2000)
    for role, name, rows in (("trained", "train", trained), ("evaluated", "test", held)):
        samples = observe.data.Samples(name, ("train.py", 9))
        samples.add(rows, right[: len(rows)])
        ledger.settle(samples, role, empty=False)
    return observe.data_figures.describe(ledger)["neighbours"]


def test_windows_lie_between_others_where_they_were_split_at_random_and_not_where_time_was_cut(observe):
    series = RNG.normal(size=3000).astype(np.float32)
    windows = np.stack([series[start : start + 20] for start in range(0, 2980, 10)])
    mixed = RNG.permutation(windows)
    assert neighbours(observe, mixed[240:], mixed[:240])["beside"] > 25
    assert neighbours(observe, windows[240:], windows[:240])["beside"] <= 2


def test_pictures_are_turned_where_their_rows_go_together_across_the_others(observe):
    rows, columns = np.mgrid[:24, :24]
    blobs = [(rows - at) ** 2 + (columns - at) ** 2 < 30 for at in RNG.integers(5, 19, 8)]
    noisy = RNG.normal(0, 1, (8, 24, 24, 3)) + 1.5 * np.array(blobs)[..., None] * np.array([1.0, 0.8, 1.2])
    assert observe.pictures._is_turned(noisy.reshape(8, 3, 24, 24))
    assert not observe.pictures._is_turned(np.moveaxis(noisy, -1, 1))
    assert not observe.pictures._is_turned(RNG.normal(size=(8, 3, 24, 24)))


@pytest.mark.parametrize(
    ("text", "told"), [("acc 0.7500", []), ("acc 0.6000", ["padding"]), ("acc 7.5000", ["sequences"])]
)
def test_padding_is_no_answer_that_an_accuracy_counts(observe, text, told):
    one = observe.told.Tally()
    one.rows, one.right, one.counted, one.positions = [2, 2], [14, 16], [20, 20], [25, 25]
    assert observe.told.compare(one.accuracy([]), list(observe.told.written(text)), percent=True)["told"] == told


def test_a_mask_that_hides_one_token_alone_hides_padding(observe):
    ids = np.array([[4, 5, 0, 0], [6, 4, 7, 0]])
    assert observe.masks.describe_mask(ids == 0, ids=ids)["hides_padding"]
    assert not observe.masks.describe_mask(ids != 0, ids=ids)["hides_padding"]


@pytest.mark.parametrize(("of", "number"), [("held-out", "D15"), ("all", "D12")])
def test_a_model_scales_by_the_samples_that_it_was_trained_on(of, number):
    train = {"rows": 100, "shape": [4], "kind": "f", "std": 1.0, "low": -3.0, "high": 3.0}
    data = {"train": train, "kept_means": {"name": "standardize.mean", "of": of, "rows": 40}}
    assert [no for _, no in found(values, data=data)] == [number]


@pytest.mark.parametrize(("dead", "ids"), [(31, ["dead-units"]), (12, [])])
def test_a_layer_whose_units_are_nearly_all_off_is_told(dead, ids):
    evidence = Evidence(ended=True, probes={"use": {"dead": [{"where": ("train.py", 4), "units": 32, "dead": dead}]}})
    evidence.facts = Facts(steps=50, backwards=50, sections={"graph": {}})
    assert [one.id for one in graph(evidence, evidence.facts, Maker("train.py"))] == ids


STOPS = """
import torch
for epoch in range(50):
    loss = validate(model)
    if loss < best:
        best, waited = loss, {begins}
        {kept}
    else:
        waited += 1
    if waited == patience:
        break
"""


@pytest.mark.parametrize(
    ("kept", "begins", "ids"),
    [
        ("pass", "0", ["kept-weights-not-restored"]),
        ("torch.save(model.state_dict(), 'best.pt')", "0", []),
        ("pass", "epoch", []),
    ],
)
def test_a_loop_that_waits_in_vain_has_kept_the_best_weights(kept, begins, ids):
    text = STOPS.format(kept=kept, begins=begins)
    assert [one.id for one in source_faults({"train.py": text}, Maker("train.py"))] == ids


def test_a_counter_that_begins_anew_when_it_is_full_waits_for_no_improvement():
    text = "import torch\nfor batch in batches:\n    held += 1\n    if held == 4:\n        step()\n        held = 0\n"
    text += "    if held and stop:\n        break\n"
    assert list(source_faults({"train.py": text}, Maker("train.py"))) == []


@pytest.mark.parametrize(("unique", "integers", "ids"), [(100, True, 1), (97, True, 0), (100, False, 1)])
def test_sequences_of_tokens_are_the_same_samples_where_no_two_of_a_set_are_equal(unique, integers, ids):
    one = {"order": 0, "complete": True, "passes": 1, "first_after_step": 9, "after_step": 9, "samples": 100}
    one |= {"hashed": 100, "unique": unique, "trained_on": 40, "integers": integers, "task": "classes"}
    evidence = Evidence(ended=True, passes=[PassFacts(**one)], facts=Facts(steps=9, backwards=9))
    assert len(list(data(evidence, evidence.facts, Maker("train.py")))) == ids


@pytest.mark.parametrize(
    ("apart", "ids"), [([{"name": "Encoder", "tensors": 4}], [("parameters-cut-off", "C6")]), ([], [])]
)
def test_a_further_model_that_an_optimiser_holds_is_reached_by_a_gradient(apart, ids):
    evidence = Evidence(ended=True)
    trained = {"name": "head.weight", "values": 9, "trainable": True, "held": True, "gradient": True, "changed": True}
    evidence.facts = Facts(steps=50, backwards=50, parameters=[trained], sections={"graph": {"apart": apart}})
    assert [(one.id, one.catalogue) for one in graph(evidence, evidence.facts, Maker("train.py"))] == ids


def test_figures_in_a_history_of_dictionaries_are_at_hand(observe):
    history = [{"epoch": 1, "acc": 0.25}, {"epoch": 2, "acc": 0.75}]
    assert list(observe.told.held_in({"history": history})) == [(0.75, 0.0)]
