"""Faults of Keras models and of what their losses are given: what the evidence must show, and what only comes near."""

import numpy as np
import pytest

from sandbox.evidence import Evidence, Facts, LossCall, Note, OptimizerFacts
from sandbox.findings.finding import Maker
from sandbox.findings.keras import KERAS_RULES
from sandbox.findings.layouts import layouts
from sandbox.findings.losses import contracts
from sandbox.findings.model import model_faults
from sandbox.findings.records import decisions
from sandbox.schema import Limits
from sandbox.verify import verify

AT = ("train.py", 7)
RNG = np.random.default_rng(0)
VALUES = RNG.normal(size=(200, 1))
RULES = (*KERAS_RULES, layouts, contracts, decisions, model_faults)


def found(*, probes=None, calls=(), losses=(), notes=None, optimizers=(), **sections):
    evidence = Evidence(ended=True, probes=probes or {}, losses=list(losses))
    evidence.facts = Facts(
        steps=60,
        backwards=60,
        loss_calls=list(calls),
        notes=notes or {},
        optimizers=list(optimizers),
        sections={name.replace("_", "-"): one for name, one in sections.items()},
    )
    return [(one.id, one.catalogue) for rule in RULES for one in rule(evidence, evidence.facts, Maker("train.py"))]


def called(figures, *, function="sparse_categorical_crossentropy", kind="classes", times=8):
    samples = [{"kind": kind, **figures, "call": call + 1, "step": call} for call in range(times)]
    return [LossCall(function=function, where=AT, calls=times, sampled=samples)]


def labels(counts, classes, *, shape=(64,)):
    return {"counts": counts, "classes": classes, "input_shape": [64, classes], "target_shape": list(shape)}


@pytest.mark.parametrize(
    ("figures", "wrong"),
    [
        (labels([40, 30, 30], 6), True),
        (labels([40, 30, 30], 21, shape=(64, 8, 8)), True),
        (labels([40, 30, 30], 6, shape=(64, 6)) | {"one_hot": True}, True),
        (labels([40, 30, 30], 3), False),
        (labels([40, 30, 30], 21, shape=(64, 20)), False),
        (labels([40, 30, 30], 5, shape=(64, 8, 8)), False),
        (labels([40, 30, 0, 30], 21), False),
        (labels([400, 300, 2], 21), False),
        (labels([40, 30, 30, 30, 1], 6, shape=(64, 6)) | {"one_hot": True}, False),
    ],
)
def test_an_output_has_about_as_many_classes_as_there_are_labels(figures, wrong):
    assert found(calls=called(figures)) == ([("label-range", "B18")] if wrong else [])


@pytest.mark.parametrize(
    ("weights", "counts", "wrong"),
    [
        ([1.5, 1.5, 0.5], [850, 75, 75], True),
        ([0.4, 0.5, 0.1], [400, 500, 100], True),
        ([0.5, 1.5, 1.5], [850, 75, 75], False),
        ([1.5, 1.5, 0.5], [400, 300, 300], False),
        ([1.0, 1.0, 0.9], [850, 75, 75], False),
    ],
)
def test_class_weights_do_not_favour_the_most_frequent_class(weights, counts, wrong):
    told = [(label, weight, count) for label, (weight, count) in enumerate(zip(weights, counts, strict=True))]
    figures = {"label_weights": told, "classes": 3}
    assert found(calls=called(figures)) == ([("class-weights-inverted", "B20")] if wrong else [])


def test_one_hot_labels_are_counted_by_their_columns(observe):
    figures = observe.losses.describe("classes", np.zeros((4, 3)), np.eye(3)[[0, 2, 2, 1]], axis=-1)
    assert figures["counts"] == [1, 1, 2]


@pytest.mark.parametrize(
    ("output", "target", "wrong"),
    [
        (np.maximum(VALUES, 0) * 3 + 10, VALUES * 3 + 10, True),
        (np.minimum(VALUES, 1), VALUES * 2, True),
        (VALUES, VALUES * 2, False),
        (np.maximum(VALUES, 0) + 10, np.abs(VALUES) + 10, False),
        (np.maximum(VALUES, 0), (VALUES < 0).astype(float), False),
    ],
)
def test_outputs_that_end_where_targets_go_on_are_bounded_whatever_made_them(observe, output, target, wrong):
    calls = called(observe.losses.describe("custom", output, target, axis=-1), function="pinball", kind="custom")
    assert found(calls=calls) == ([("bounded-output", "B11")] if wrong else [])


@pytest.mark.parametrize(
    ("reduction", "share", "wrong"),
    [("sum", 1.0, True), ("sum", 0.5, True), ("sum", 0.43, False), ("none", 64.0, True), ("none", 1.0, False)],
)
def test_a_loss_is_summed_by_itself_in_micro_batches_or_by_hand(reduction, share, wrong):
    figures = labels([40, 30, 30], 3) | {"reduction": reduction, "value": 1.5, "carries": "output"}
    losses = [(step, 1.5 * share, 0) for step in range(8)]
    optimizers = [OptimizerFacts(name="Adam", steps=60, learning_rates=[1e-3])]
    told = found(calls=called(figures), losses=losses, optimizers=optimizers)
    assert told == ([("summed-loss", "B21")] if wrong else [])


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        ({"keras_evaluated": {"where": AT, "models": 1}}, [("optimizer-bound-to-other-parameters", "C9")]),
        ({"keras_evaluated": {}}, []),
        ({"clipped": {"seen": [{"where": AT, "made_by": "Linear"}]}}, [("logits-without-from-logits", "B5")]),
        (
            {"clipped": {"seen": [{"where": AT, "low": -2.0, "high": 3.0, "whole": True}]}},
            [("logits-without-from-logits", "B6")],
        ),
        ({"clipped": {"seen": [{"where": AT, "made_by": "Sigmoid"}, {"low": 0.0, "high": 1.0}]}}, []),
        (
            {"keras_weights": {"still": [{"name": "positions", "shape": [16, 32], "zero": True}]}},
            [("frozen-at-random", "C12")],
        ),
    ],
)
def test_what_is_asked_clipped_or_never_moved_is_told(sections, expected):
    assert found(**sections) == expected


def kernel(name, **told):
    return {"name": name, "layer": "Dense", "shape": [32, 16], "rms_before": 1.0, "constant_before": True} | told


@pytest.mark.parametrize(
    ("one", "wrong"),
    [
        (kernel("dense/kernel"), True),
        (kernel("dense/kernel", rms_before=0.0), False),
        (kernel("dense/kernel", constant_before=False), False),
        (kernel("scale/gamma"), False),
        (kernel("dense/kernel", shape=[32, 1]), False),
    ],
)
def test_a_kernel_of_ones_makes_all_units_alike(one, wrong):
    seen = {"weights": [one, kernel("dense_1/kernel", constant_before=False)]}
    assert found(keras_weights=seen) == ([("bad-initialisation", "C34")] if wrong else [])


@pytest.mark.parametrize(
    ("around", "wrong"),
    [
        ({"attentions": 2, "bare": 2, "skips": 2}, True),
        ({"attentions": 2, "bare": 0, "skips": 4}, False),
        ({"attentions": 1, "bare": 1, "skips": 0}, False),
    ],
)
def test_attention_without_a_way_around_it_stands_out_beside_layers_that_have_one(around, wrong):
    probes = {"operations": {"counts": {"residual": around["skips"]}, "around": around}}
    assert found(probes=probes) == ([("residual-missing", "C35")] if wrong else [])


@pytest.mark.parametrize(("axis", "wrong"), [(3, False), (2, True)])
def test_the_largest_class_of_a_pixel_is_taken_along_the_classes(axis, wrong):
    figures = {"input_shape": [32, 8, 8, 3], "target_shape": [32, 8, 8], "classes": 3, "from_logits": True}
    seen = {"seen": [{"axis": axis, "shape": [64, 8, 8, 3], "rows": 64, "where": AT, "calls": 1}]}
    ids = found(calls=called(figures | {"made_by": "Linear", "min": -1.0}), decisions=seen)
    assert ids == ([("argmax-over-positions", "F1")] if wrong else [])


@pytest.mark.parametrize(("only_padding", "wrong"), [(True, True), (False, False)])
def test_scores_of_content_that_are_hidden_are_a_padding_mask_the_wrong_way_round(only_padding, wrong):
    mask = {"function": "scores", "shape": [8, 20], "only_later": False, "blind": 0, "only_padding": only_padding}
    assert found(probes={"masks": {"seen": [mask]}}) == ([("padding-mask-inverted", "E5")] if wrong else [])


P, Y = RNG.normal(size=(40, 1)), RNG.normal(size=40)


@pytest.mark.parametrize(
    ("square", "wrong"),
    [
        ((Y - P) ** 2, True),
        (np.abs(Y[:, None] - P[:, 0]), True),
        (Y - P, True),
        (P @ P.T, False),
        ((P - P.T) ** 2, False),  # distances within one set
        (P - P.T, False),
        (RNG.normal(size=(40, 40)), False),
    ],
)
def test_a_mean_over_all_pairs_of_predictions_and_targets_is_a_broadcast(observe, square, wrong, monkeypatch):
    outer_means, record = observe.outer_means, observe.record
    for name in ("mean", "average", "sum"):
        monkeypatch.setattr(np, name, getattr(np, name))
    monkeypatch.setattr(outer_means, "is_users", lambda _: True)
    kept = record.Record(lambda _: None)
    outer_means.watch_means(kept, lambda: P)
    assert np.mean(square) == square.mean()
    notes = {name: Note(count=one["count"], shapes=one["shapes"]) for name, one in kept.notes.items()}
    assert found(notes=notes) == ([("loss-broadcasting", "A10")] if wrong else [])


def discs(count=64, size=16):
    """Planes (N, 3, 16, 16) of noise, each with a disc in the first one."""
    rng = np.random.default_rng(3)
    rows, columns = np.mgrid[:size, :size]
    planes = rng.normal(100, 20, (count, 3, size, size))
    centres = rng.uniform(4, 12, (count, 2))
    planes[:, 0] += 110 * (np.hypot(rows - centres[:, :1, None], columns - centres[:, 1:, None]) < 3)
    return planes


@pytest.mark.parametrize(
    ("pixels", "wrong"),
    [
        (np.ascontiguousarray(np.moveaxis(discs(), 1, -1)), False),
        (discs().reshape(-1, 16, 16, 3), True),
        (RNG.normal(size=(64, 16, 16, 3)), False),
        (np.moveaxis(discs()[:, :1], 1, -1).repeat(3, -1), False),
    ],
)
def test_planes_that_were_reshaped_to_pixels_are_known_by_what_goes_together(observe, pixels, wrong):
    assert observe.pictures._was_planes(pixels) == wrong
    probe = {"shape": list(pixels.shape), "channels_first": False, "ratio": 0.9, "turned": wrong}
    assert found(probes={"pictures": probe}) == ([("channels-reshaped", "A14")] if wrong else [])


@pytest.mark.parametrize(("decodes", "wrong"), [(True, True), (False, False)])
def test_a_decoder_that_is_given_its_target_at_the_same_place_only_copies(decodes, wrong):
    figures = labels([40, 30, 30], 3, shape=(64, 9)) | {"shifts": [1.0, 0.3, 0.3], "tokens": 9, "right": 0.5}
    assert found(calls=called(figures | {"decodes": decodes})) == ([("targets-not-shifted", "E7")] if wrong else [])


VARIATIONAL = """
import keras
import numpy as np
import tensorflow as tf
from keras import ops

keras.utils.set_random_seed(0)
images = np.random.default_rng(0).uniform(0.1, 0.9, (256, 1)).astype("float32") * np.ones((1, 40), "float32")
given = keras.Input((40,))
hidden = keras.layers.Dense(16, activation="relu")(given)
encoder = keras.Model(given, [keras.layers.Dense(2)(hidden), keras.layers.Dense(2)(hidden)])
decoder = keras.Sequential([keras.Input((2,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(40, "sigmoid")])


class Variational(keras.Model):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.tracker = keras.metrics.Mean(name="loss")

    @property
    def metrics(self):
        return [self.tracker]

    def call(self, batch):
        return self.decoder(self.encoder(batch)[0])

    def train_step(self, batch):
        with tf.GradientTape() as tape:
            mean, log_var = self.encoder(batch)
            answer = self.decoder(mean + ops.exp(0.5 * log_var) * keras.random.normal(ops.shape(mean)))
            rebuilt = ops.mean(40.0 * keras.losses.binary_crossentropy(batch, answer))
            apart = 0.5 * ops.sum(ops.exp(log_var) + mean**2 - 1.0 - log_var, axis=1)
            loss = rebuilt + ops.mean(apart)
        self.optimizer.apply(tape.gradient(loss, self.trainable_weights), self.trainable_weights)
        self.tracker.update_state(loss)
        return {"loss": self.tracker.result()}


model = Variational()
model.compile(optimizer=keras.optimizers.Adam(1e-3))
model.fit(images, epochs=3, batch_size=32, verbose=0)
"""


@pytest.mark.slow
@pytest.mark.parametrize("sign", ["+", "-"])
def test_a_divergence_that_is_subtracted_is_seen_in_a_traced_step(sandbox, sign):
    text = VARIATIONAL.replace("rebuilt + ops.mean", f"rebuilt {sign} ops.mean")
    report = verify({"train.py": text}, framework="tensorflow", sandbox=sandbox, limits=Limits(wall_s=90), tests=False)
    loud = [one.id for one in report.findings if one.severity != "info"]
    assert loud == (["divergence-sign"] if sign == "-" else [])
