"""Faults of data: its order, its scale, its labels, its seeds; and what only looks like one."""

import numpy as np
import pytest

from sandbox.contract import Contract
from sandbox.evidence import Evidence, Facts, PassFacts
from sandbox.findings.data import data, modes
from sandbox.findings.data_order import order
from sandbox.findings.data_repeatable import repeatable
from sandbox.findings.data_values import values
from sandbox.findings.finding import Maker
from sandbox.verdict import evaluation
from sandbox.verify import verify

RNG = np.random.default_rng(5)
BLOBS = RNG.integers(0, 3, 400)
PASSED = {"complete": True, "passes": 1, "first_after_step": 9, "after_step": 9, "samples": 64}
POINTS = (3 * RNG.normal(size=(3, 6))[BLOBS] + RNG.normal(size=(400, 6))).astype(np.float32)


def figures(observe, train, held_out=(), *, epochs=2, shuffle=True, labels=BLOBS, batch=32):
    """What the observers tell of a program that was fed like this."""
    ledger = observe.data.Ledger()
    rng = np.random.default_rng(0)
    for _ in range(epochs):
        rows = rng.permutation(len(train)) if shuffle else np.arange(len(train))
        samples = observe.data.Samples("train", ("train.py", 9))
        for start in range(0, len(rows), batch):
            part = rows[start : start + batch]
            samples.add(train[part], labels[part])
        ledger.settle(samples, "trained", empty=False)
    for number, (inputs, right) in enumerate(held_out):
        samples = observe.data.Samples(number, ("train.py", 20))
        samples.add(inputs, right)
        ledger.settle(samples, "evaluated", empty=False)
    return observe.data_figures.describe(ledger)


def ids(data, *, rule=values, losses=(), passes=(), contract=None, single_input=True, **sections):
    """Faults found where the observers told this."""
    facts = Facts(steps=100, backwards=100, sections={"data": data, **sections})
    curve = [(step, loss, 0) for step, loss in enumerate(losses)]
    probes = {"batch-sizes": {"single_input": single_input}}
    evidence = Evidence(facts=facts, losses=curve, passes=list(passes), contract=contract, probes=probes)
    return [one.id for one in rule(evidence, facts, Maker("train.py"))]


def scaled(rows, by):
    return ((rows - by.mean(0)) / by.std(0)).astype(np.float32)


def test_data_that_is_well_prepared_has_no_fault(observe):
    seen = figures(observe, scaled(POINTS[:300], POINTS[:300]), [(scaled(POINTS[300:], POINTS[:300]), BLOBS[300:])])
    assert ids(seen) + ids(seen, rule=order) == []


def test_statistics_of_all_samples_are_told_from_those_of_the_training_samples(observe):
    every = scaled(POINTS, POINTS)
    seen = figures(observe, every[:300], [(every[300:], BLOBS[300:])])
    assert ids(seen) == ["fitted-before-split"]


def test_statistics_that_a_held_out_set_was_kept_away_from_are_no_warning(observe):
    kept = [(part, BLOBS[:100]) for part in (scaled(POINTS, POINTS[:300])[200:300], scaled(POINTS, POINTS[:300])[300:])]
    seen = figures(observe, scaled(POINTS, POINTS[:300])[:200], kept)
    facts = Facts(steps=100, backwards=100, sections={"data": seen})
    found = list(values(Evidence(facts=facts, losses=[]), facts, Maker("train.py")))
    assert [(one.id, one.severity) for one in found] == [("fitted-before-split", "info")]


def test_a_range_over_all_samples_is_told_from_pixels_that_are_divided(observe):
    low, high = POINTS.min(0), POINTS.max(0)
    every = (POINTS - low) / (high - low)
    pixels = RNG.integers(0, 17, (400, 6)).astype(np.float32) / 16
    assert "fitted-before-split" in ids(figures(observe, every[:200], [(every[200:], BLOBS[200:])]))
    assert "fitted-before-split" not in ids(figures(observe, pixels[:200], [(pixels[200:], BLOBS[200:])]))


def test_held_out_samples_that_were_clipped_are_told_from_those_scaled_on_their_own(observe):
    low, high = POINTS[300:].min(0), POINTS[300:].max(0)
    alone, clipped = (POINTS[300:] - low) / (high - low), (POINTS / 8 + 0.5).clip(0.3, 0.7) / 0.4 - 0.75
    assert "scaled-by-itself" in ids(figures(observe, POINTS[:300], [(alone, BLOBS[300:])]))
    assert clipped.min() == 0 and clipped.max() == 1
    assert ids(figures(observe, clipped[:300], [(clipped[300:], BLOBS[300:])])) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda x: x, []),
        (lambda x: x * 1.2 + 0.1, []),
        (lambda x: x / 16, ["inputs-differ-in-scale"]),
        (lambda x: x * 40 + 100, ["inputs-differ-in-scale"]),
    ],
    ids=["same", "a little", "divided again", "not scaled"],
)
def test_held_out_inputs_of_another_scale_are_found(observe, change, expected):
    seen = figures(observe, POINTS[:300], [(change(POINTS[300:]), BLOBS[300:])])
    assert ids(seen) == expected


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        ({"layer": "Conv2d", "mean": 0.1, "std": 1.0}, []),
        ({"layer": "Conv2d", "mean": 33.0, "std": 78.0, "high": 255.0}, ["inputs-not-normalised"]),
        ({"layer": "Linear", "mean": 1.0, "std": 5.0, "largest_column": 1013.0}, ["inputs-not-normalised"]),
        ({"layer": "Conv2d", "mean": 0.0005, "std": 0.001}, ["inputs-not-normalised"]),
        ({}, []),
    ],
    ids=["scaled", "bytes", "one raw column", "divided twice", "normalised in the model"],
)
def test_inputs_that_nothing_scales_are_found(observe, scale, expected):
    assert ids(figures(observe, POINTS, []), scale=scale) == expected


def test_series_that_are_each_scaled_by_their_own_values_are_no_set_scaled_by_itself(observe):
    series = RNG.normal(size=(400, 64)).cumsum(1)
    alone = (series - series.mean(1, keepdims=True)) / series.std(1, keepdims=True)
    every = (series - series[300:].mean()) / series[300:].std()
    assert ids(figures(observe, alone[:300], [(alone[300:], BLOBS[300:])])) == []
    assert "scaled-by-itself" in ids(figures(observe, every[:300], [(every[300:], BLOBS[300:])]))


@pytest.mark.parametrize(("difference", "expected"), [(0.0, ["evaluation-in-train-mode"]), (0.4, [])])
def test_a_model_that_samples_is_not_said_to_differ_between_its_modes(difference, expected):
    probes = {"operations": {"modes_differ": True}, "determinism": {"difference": difference}}
    facts = Facts(steps=9, backwards=9)
    evidence = Evidence(facts=facts, probes=probes, passes=[PassFacts(order=0, **PASSED, in_train_mode=1)])
    assert [one.id for one in modes(evidence, facts, Maker("train.py"))] == expected


def test_answers_that_no_figure_is_made_of_are_no_evaluation_of_training_data():
    facts = Facts(steps=9, backwards=9)
    seen = {"hashed": 64, "unique": 64, "trained_on": 32}
    for loader, expected in ((True, ["train-test-overlap"]), (False, [])):
        one = PassFacts(order=0, **PASSED, **seen, through_loader=loader)
        evidence = Evidence(facts=facts, passes=[one])
        assert [one.id for one in data(evidence, facts, Maker("train.py"))] == expected


@pytest.mark.parametrize(("validates", "expected"), [(True, ["train-test-overlap"]), (False, [])])
def test_training_samples_may_be_measured_beside_held_out_ones_but_not_validated_on(validates, expected):
    seen = {"hashed": 64, "unique": 64, "task": "classification"}
    trained = PassFacts(order=0, **PASSED, **seen, trained_on=64, validates=validates)
    held_out = PassFacts(order=1, **PASSED, **seen)
    facts = Facts(steps=9, backwards=9)
    found = data(Evidence(facts=facts, passes=[trained, held_out]), facts, Maker("train.py"))
    assert [one.id for one in found] == expected


def test_what_a_function_was_given_is_not_compared_with_what_a_loader_gave(observe):
    ledger = observe.data.Ledger()
    for key, role, rows in (("functions", "trained", POINTS[:300] / 40), ("test", "evaluated", POINTS[300:])):
        samples = observe.data.Samples(key, ("train.py", 9))
        samples.add(rows, BLOBS[: len(rows)])
        ledger.settle(samples, role, empty=False)
    assert "inputs-differ-in-scale" not in ids(observe.data_figures.describe(ledger))


def test_a_column_that_gives_the_label_away_is_found(observe):
    leaking = np.column_stack([POINTS, BLOBS * 2.0 + 0.01 * RNG.normal(size=400)]).astype(np.float32)
    weak = np.column_stack([RNG.normal(size=(400, 6)), BLOBS * 2.0]).astype(np.float32)
    assert "target-leakage" not in ids(figures(observe, POINTS))
    assert "target-leakage" in ids(figures(observe, weak))
    assert figures(observe, leaking)["leak"]["column"] == 6


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (BLOBS, []),
        (BLOBS / 2, ["labels-degenerate"]),
        (BLOBS // 10, ["labels-degenerate"]),
        (np.where(BLOBS > 0, 0.95, 0.05), []),
        (POINTS[:, 0], []),
    ],
    ids=["classes", "divided", "all the same", "smoothed", "values"],
)
def test_labels_that_were_divided_or_cast_are_found(observe, labels, expected):
    assert [one for one in ids(figures(observe, POINTS, labels=labels)) if one.startswith("labels-d")] == expected


@pytest.mark.parametrize(
    ("loss", "expected"),
    [("binary_crossentropy", []), ("MeanSquaredError", []), ("sparse_categorical_crossentropy", ["labels-degenerate"])],
)
def test_grades_scaled_to_reach_from_0_to_1_are_no_classes_that_were_divided(observe, loss, expected):
    facts = Facts(
        steps=100,
        backwards=100,
        loss_calls=[{"function": loss, "calls": 9}],
        sections={"data": figures(observe, POINTS, labels=BLOBS / 2)},
    )
    found = [one.id for one in values(Evidence(facts=facts), facts, Maker("train.py"))]
    assert [one for one in found if one == "labels-degenerate"] == expected


@pytest.mark.parametrize(
    ("permuted", "losses", "expected"),
    [
        (True, [1.1] * 60, ["labels-unrelated"]),
        (False, [1.1] * 60, []),
        (True, list(np.linspace(1.1, 0.1, 60)), []),
    ],
    ids=["apart", "together", "learned all the same"],
)
def test_labels_that_belong_to_other_samples_are_found(observe, permuted, losses, expected):
    labels = np.random.default_rng(1).permutation(BLOBS) if permuted else BLOBS
    assert ids(figures(observe, POINTS, labels=labels), losses=losses) == expected


def test_the_first_of_several_inputs_need_not_tell_the_label(observe):
    apart = figures(observe, POINTS, labels=np.random.default_rng(1).permutation(BLOBS))
    assert ids(apart, losses=[1.1] * 60, single_input=False) == []


def test_labels_of_made_up_noise_are_not_expected_to_tell_anything(observe):
    noise = RNG.normal(size=(400, 6)).astype(np.float32)
    assert ids(figures(observe, noise, labels=RNG.integers(0, 3, 400)), losses=[1.1] * 60) == []


def test_a_split_of_sorted_data_is_found(observe):
    by = np.argsort(BLOBS, kind="stable")
    rows, labels = POINTS[by], BLOBS[by]
    assert ids(figures(observe, rows[:280], [(rows[280:], labels[280:])], labels=labels)) == ["split-of-sorted-data"]


@pytest.mark.parametrize(
    ("fed", "expected"),
    [
        ({}, []),
        ({"shuffle": False}, ["training-data-not-shuffled"]),
        ({"shuffle": False, "epochs": 1}, []),
        ({"shuffle": False, "batch": 400}, []),
    ],
    ids=["shuffled", "in order", "one epoch", "one batch"],
)
def test_the_same_order_in_each_epoch_is_found(observe, fed, expected):
    assert ids(figures(observe, POINTS, **fed), rule=order) == expected


def test_windows_of_a_series_may_come_in_order(observe):
    series = np.sin(np.arange(420) / 7) + 0.1 * RNG.normal(size=420)
    windows = np.stack([series[start : start + 20] for start in range(400)]).astype(np.float32)
    assert ids(figures(observe, windows, labels=series[20:], shuffle=False), rule=order) == []


def test_batches_that_are_shuffled_whole_are_found(observe):
    samples = []
    for turn in range(2):
        one = observe.data.Samples("train", ("train.py", 9))
        for start in np.random.default_rng(turn).permutation(range(0, 400, 20)):
            one.add(POINTS[start : start + 20], BLOBS[start : start + 20])
        samples.append(one)
    ledger = observe.data.Ledger()
    for one in samples:
        ledger.settle(one, "trained", empty=False)
    assert ids(observe.data_figures.describe(ledger), rule=order) == ["shuffle-after-batch"]


PIPELINE = {"steps": ["Batch", "Shuffle", "TensorSlice"], "shuffle_buffer": 400, "rows": 400}


@pytest.mark.parametrize(
    ("pipeline", "expected"),
    [
        ({}, []),
        ({"shuffle_buffer": 10}, ["shuffle-too-small"]),
        ({"shuffle_buffer": 5000, "rows": 60000}, []),
        ({"shuffles_batches": True, "shuffle_buffer": 10}, ["shuffle-after-batch"]),
        ({"random_before_cache": True}, ["augmentation-cached"]),
    ],
    ids=["right", "small buffer", "large enough", "after batch", "cache after augmentation"],
)
def test_the_order_of_a_pipelines_steps_is_judged(observe, pipeline, expected):
    seen = figures(observe, POINTS) | {"pipelines": [PIPELINE | pipeline]}
    assert ids(seen, rule=order) == expected


@pytest.mark.parametrize(
    ("seen", "contract", "expected"),
    [
        ({"seeded": [("torch", ("a.py", 1))]}, None, []),
        ({"drawn": ["torch"]}, None, ["info"]),
        ({"drawn": ["torch"]}, Contract(), ["warning"]),
        ({"drawn": ["torch"], "mentioned": [("a.py", 3)]}, None, ["warning"]),
        ({"drawn": ["numpy"], "seeded": [("torch", ("a.py", 1))]}, None, ["warning"]),
        ({"late": [("torch", ("a.py", 9))], "seeded": [("torch", ("a.py", 9))]}, None, ["warning"]),
        ({"unseeded": [("a.py", 4)], "seeded": [("torch", ("a.py", 1))]}, None, ["warning"]),
    ],
    ids=["seeded", "none at all", "none in a draft", "a split alone", "one of two", "too late", "own generator"],
)
def test_a_seed_that_is_missing_weighs_more_where_others_are_given(seen, contract, expected):
    facts = Facts(steps=9, backwards=9, sections={"repeatable": seen})
    found = repeatable(Evidence(facts=facts, contract=contract), facts, Maker("train.py"))
    assert [one.severity for one in found] == expected


def answered(predicted, target, task="classes"):
    return PassFacts(
        order=0, complete=True, passes=1, first_after_step=10, after_step=10,
        samples=len(target), hashed=len(target), task=task, predicted=predicted, target=target,
    )  # fmt: skip


@pytest.mark.parametrize("task", ["classes", "scores", "values"])
def test_an_evaluation_of_predictions_that_are_no_numbers_fails(task):
    evidence = Evidence(facts=Facts(steps=10, backwards=10), passes=[answered([float("nan"), 1.0], [1.0, 1.0], task)])
    assert evaluation(evidence).status == "failed"


@pytest.mark.usefixtures("observe")
def test_an_answer_of_nan_is_no_class():
    from observe.passes import pair

    logits = np.array([[0.1, np.nan], [0.2, 0.9]], dtype=np.float32)
    task, predicted, _ = pair(logits, [np.array([0, 1])])
    assert task == "classes"
    assert np.isnan(predicted[0])
    assert predicted[1] == 1


COMPARED = """
import torch
from torch import nn

torch.manual_seed(0)
centres = 3 * torch.randn(3, 8)
labels = torch.randint(0, 3, (480,))
points = centres[labels] + torch.randn(480, 8)
model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(3):
    for rows in torch.randperm(384).split(32):
        loss = nn.functional.cross_entropy(model(points[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
model.eval()
with torch.no_grad():
    print((model(points[384:]).argmax(1) == labels[384:]).float().mean())
"""


def test_an_evaluation_by_a_plain_comparison_is_seen(sandbox):
    report = verify({"train.py": COMPARED}, framework="pytorch", sandbox=sandbox, tests=False)
    assert report.metrics.evaluation_samples == 96
    assert report.metrics.evaluation["accuracy"] > 0.5
    assert report.status == "passed"


def test_a_seed_in_a_file_that_is_not_run_says_nothing_of_the_program(sandbox):
    files = {
        "train.py": COMPARED.replace("torch.manual_seed(0)", ""),
        "other.py": "import torch\ntorch.manual_seed(3)\n",
    }
    for code, severity in ((files["train.py"], "info"), ("import other\n" + files["train.py"], None)):
        report = verify(
            files | {"train.py": code}, framework="pytorch", sandbox=sandbox, entry="train.py", repeat=False
        )
        found = [one.severity for one in report.findings if one.id == "seed-missing"]
        assert found == ([severity] if severity else [])


def test_a_seed_that_is_drawn_to_be_printed_is_no_late_seed(sandbox):
    drawn = "import random\nseed = random.randint(0, 99)\nprint(seed)\nrandom.seed(seed)\ntorch.manual_seed(seed)"
    code = COMPARED.replace("torch.manual_seed(0)", drawn)
    report = verify({"train.py": code}, framework="pytorch", sandbox=sandbox, tests=False, repeat=False)
    assert "seed-missing" not in [one.id for one in report.findings]
    shuffled = code.replace("random.seed(seed)", "random.seed(7)")
    report = verify({"train.py": shuffled}, framework="pytorch", sandbox=sandbox, tests=False, repeat=False)
    assert "seed-missing" in [one.id for one in report.findings]


WAVE = (np.sin(np.arange(600) / 7) + RNG.normal(0, 0.1, 600)).astype(np.float32)
WINDOWS = np.lib.stride_tricks.sliding_window_view(WAVE, 12)[:-1]


def test_windows_of_a_series_that_were_split_at_random_are_told_and_those_split_by_time_are_not(observe):
    later, mixed = WAVE[12:], RNG.permutation(len(WINDOWS))
    by_time = figures(observe, WINDOWS[:400], [(WINDOWS[420:], later[420:])], labels=later[:400])
    at_random = figures(
        observe, WINDOWS[mixed[:400]], [(WINDOWS[mixed[400:]], later[mixed[400:]])], labels=later[mixed[:400]]
    )
    assert "target-leakage" not in ids(by_time)
    assert "target-leakage" in ids(at_random)


def test_a_window_that_holds_what_it_is_to_tell_is_told(observe):
    right = figures(observe, WINDOWS[:400], labels=WAVE[12:412])
    wrong = figures(observe, WINDOWS[:400], labels=WINDOWS[:400, -1])
    assert "target-leakage" not in ids(right)
    assert "target-leakage" in ids(wrong)


def test_samples_that_come_with_another_label_each_time_are_told(observe):
    ledger = observe.data.Ledger()
    for _ in range(2):
        samples, rows = observe.data.Samples("train", ("train.py", 9)), RNG.permutation(len(POINTS))
        samples.add(POINTS[rows], RNG.permutation(BLOBS))
        samples.add(POINTS[rows[:1]] + 1, BLOBS[:1])
        ledger.settle(samples, "trained", empty=False)
    assert "labels-unrelated" in ids(observe.data_figures.describe(ledger))
    assert "labels-unrelated" not in ids(figures(observe, POINTS))


def test_what_a_model_is_merely_asked_about_may_lie_further_out(observe):
    for scale, expected in ((3, []), (255, ["inputs-differ-in-scale"])):
        told = figures(observe, POINTS, [(POINTS[:100] * scale + 0.5, BLOBS[:100])])
        told["held_out"][0] |= {"asked": True, "labels": None}
        assert [one for one in ids(told) if "differ" in one] == expected


LOOP = """
import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(0)
x = np.random.normal(size=(320, 6)).astype("float32")
y = (x.sum(1, keepdims=True) > 0).astype("float32")
train = tf.data.Dataset.from_tensor_slices((x, y)){pipeline}
model = tf.keras.Sequential([tf.keras.layers.Dense(8, "relu"), tf.keras.layers.Dense(1)])
optimizer = tf.keras.optimizers.Adam(0.01)
loss = tf.keras.losses.BinaryCrossentropy(from_logits=True)


@tf.function
def step(inputs, targets):
    with tf.GradientTape() as tape:
        value = loss(targets, model(inputs, training=True))
    optimizer.apply_gradients(
        zip(tape.gradient(value, model.trainable_variables), model.trainable_variables, strict=True)
    )


for _ in range(3):
    for inputs, targets in train:
        step(inputs, targets)
"""


@pytest.mark.parametrize(
    ("pipeline", "expected"),
    [
        (".shuffle(320).batch(32)", []),
        (".batch(32)", ["training-data-not-shuffled"]),
        (".batch(32).shuffle(10)", ["shuffle-after-batch"]),
        (".shuffle(4).batch(32)", ["shuffle-too-small"]),
    ],
)
def test_the_order_of_a_dataset_is_seen_in_a_loop_of_the_programs_own(pipeline, expected, sandbox):
    report = verify({"train.py": LOOP.format(pipeline=pipeline)}, framework="tensorflow", sandbox=sandbox, repeat=False)
    assert [one.id for one in report.findings if one.severity != "info"] == expected


@pytest.mark.parametrize(("pipeline", "told"), [(".shuffle(320)", "not batched"), (".batch(32).batch(2)", "twice")])
def test_samples_that_a_loop_gets_one_by_one_or_batched_twice_are_told(pipeline, told, sandbox):
    text = LOOP.format(pipeline=pipeline).replace("keras.Sequential([", "keras.Sequential([tf.keras.Input((6,)), ")
    report = verify({"train.py": text}, framework="tensorflow", sandbox=sandbox, repeat=False)
    assert report.findings[0].id == "dataset-batched-wrongly" and told in report.findings[0].message


@pytest.mark.parametrize(
    ("by", "expected"),
    [("train", []), ("whole", ["fitted-before-split"]), ("itself", ["scaled-by-itself"])],
)
def test_windows_of_a_series_are_held_against_what_it_was_scaled_by(observe, by, expected):
    hours = np.arange(900)
    series = np.stack([np.sin(hours / 9) + hours / 300, np.cumsum(np.random.default_rng(2).normal(size=900))], axis=1)
    parts = [scaled(part, {"train": series[:600], "whole": series}.get(by, part)) for part in np.split(series, [600])]
    train, held_out = (np.stack([part[i : i + 12] for i in range(len(part) - 12)]) for part in parts)
    asked = [part[12:, 0] for part in parts]
    seen = figures(observe, train, [(held_out, asked[1])], labels=asked[0])
    told = [one for one in ids(seen) if one in ("fitted-before-split", "scaled-by-itself")]
    assert told == expected
