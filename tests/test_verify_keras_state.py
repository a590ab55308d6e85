"""Faults in how a Keras program accumulates, ties, copies, keeps and exports: what the evidence must show."""

import pytest

from sandbox.evidence import Evidence, Facts
from sandbox.findings.finding import Maker
from sandbox.findings.keras import KERAS_RULES
from sandbox.findings.records import logs
from sandbox.schema import Limits
from sandbox.verify import verify

ADAM = {"name": "Adam", "steps": 60, "learning_rates": [1e-3, 1e-3]}
AT = ("train.py", 7)


def found(*, probes=None, losses=(), scalars=None, steps=60, **sections):
    evidence = Evidence(ended=True, probes=probes or {}, losses=[(i, loss, 0) for i, loss in enumerate(losses)])
    evidence.scalars = scalars or {}
    evidence.facts = Facts(
        steps=steps,
        backwards=steps,
        optimizers=[ADAM],
        sections={name.replace("_", "-"): one for name, one in sections.items()},
    )
    return [one.id for rule in (*KERAS_RULES, logs) for one in rule(evidence, evidence.facts, Maker("train.py"))]


def steps(passes, share, apart=0.0, of_last=0.5, count=20):
    return [(passes, share, apart, of_last)] * count


@pytest.mark.parametrize(
    ("seen", "ids"),
    [
        ({"steps": steps(1, 1.0)}, []),
        ({"steps": steps(4, 1.0), "plain": True}, ["accumulation-not-averaged"]),
        ({"steps": steps(4, 0.25), "plain": True}, []),
        ({"steps": steps(4, 1.0), "plain": False}, []),
        ({"steps": steps(4, 1.0), "plain": True, "one_line": False}, []),
        ({"steps": steps(4, 0.6, 0.3), "plain": True}, []),
        ({"steps": steps(4, 0.25), "left": 2}, ["accumulation-remainder-lost"]),
        ({"steps": steps(4, 0.25), "left": 2, "whole": False}, []),
        ({"steps": [*steps(4, 0.25), (6, 0.2, 0.4, 0.5)]}, ["accumulation-remainder-lost"]),
        ({"steps": [*steps(4, 0.25), (2, 0.5, 0.0, 0.5)]}, []),
        ({"steps": steps(4, 0.6, 0.3, of_last=0.0)}, ["accumulation-remainder-lost"]),
    ],
)
def test_gradients_of_several_batches_are_averaged_and_all_used(seen, ids):
    assert found(keras_accumulation={"one_line": True, "whole": True, "where": AT, **seen}) == ids


@pytest.mark.parametrize(
    ("section", "seen", "ids"),
    [
        ("keras_twins", {"references": [{"names": ["model", "target"]}]}, ["target-is-a-reference"]),
        ("keras_twins", {"itself": [{"where": AT, "count": 1}]}, []),
        ("keras_twins", {"itself": [{"where": AT, "count": 5}]}, ["target-is-a-reference"]),
        ("keras_twins", {"copied": [{"names": ["table", "kernel"], "apart": True}]}, ["tied-weights-copied"]),
        ("keras_twins", {"copied": [{"names": ["table", "kernel"], "apart": False}]}, []),
        ("keras_checkpoints", {"seen": [{"model": True, "counter": True}]}, ["checkpoint-cannot-resume"]),
        ("keras_checkpoints", {"seen": [{"model": True, "restored": True}]}, ["checkpoint-cannot-resume"]),
        ("keras_checkpoints", {"seen": [{"model": True, "counter": True, "optimizer": True}]}, []),
        ("keras_checkpoints", {"seen": [{"model": True}]}, []),
        ("keras_exports", {"seen": [{"path": "a", "answered": [8, 1], "difference": 1e-6}]}, []),
        ("keras_exports", {"seen": [{"path": "a", "answered": [8], "refused": [1]}]}, ["export-of-fixed-size"]),
        ("keras_exports", {"seen": [{"path": "a", "answered": [8], "difference": 0.4, "last": True}]}, []),
        (
            "keras_exports",
            {"seen": [{"path": "a", "difference": 0.4, "last": True, "itself": True}]},
            ["export-differs"],
        ),
        ("keras_exports", {"seen": [{"path": "a", "difference": 0.4, "last": False, "itself": True}]}, []),
        (
            "keras_exports",
            {"seen": [{"path": "a", "difference": 0.4, "last": True, "from_training": 0.0}]},
            ["export-differs"],
        ),
        ("keras_exports", {"seen": [{"path": "a", "answered": [8], "again": 0.4}]}, ["export-differs"]),
        ("keras_exports", {"seen": [{"path": "a", "refused": [8, 1]}]}, []),
        ("summaries", {"calls": 5, "lost": 5}, ["logged-nowhere"]),
        ("summaries", {"calls": 5, "lost": 2}, []),
    ],
)
def test_state_that_is_shared_kept_or_exported_wrongly_is_named(section, seen, ids):
    assert found(**{section: seen}) == ids


@pytest.mark.parametrize(
    ("seen", "ids"),
    [
        ({"empty": [{"name": "qkv", "columns": 96, "without": [[64, 96]]}]}, ["part-without-gradient"]),
        ({"empty": [{"name": "dense", "columns": 96, "without": [[3, 4], [70, 72]]}]}, []),
        ({"unused": [{"name": "value", "beside": "key"}]}, ["part-without-gradient"]),
        ({"shared": [{"name": "attention", "times": 2}]}, ["one-layer-repeated"]),
        ({}, []),
    ],
)
def test_what_is_computed_for_nothing_or_shared_by_blocks_is_named(seen, ids):
    assert found(probes={"parts": seen}) == ids


@pytest.mark.parametrize(
    ("points", "ids"),
    [
        ([(step, 1.0 / (step + 1)) for step in range(24)], []),
        ([(step % 8, 1.0 / (step + 1)) for step in range(24)], ["logged-steps-begin-again"]),
        ([(step % 8, 1.0 / (step + 1)) for step in range(16)], []),
    ],
)
def test_steps_of_a_log_that_begin_again_with_each_epoch_are_told(points, ids):
    assert found(scalars={"figure": points}) == ids


EMBEDDING = {"name": "tokens/embeddings", "layer": "Embedding", "shape": [50, 8], "initializer": "RandomUniform"}
KERNEL = {"name": "head/kernel", "layer": "Dense", "shape": [8, 3], "rms_before": 0.3, "moved": 0.4}


@pytest.mark.parametrize(
    ("embedding", "loaded", "ids"),
    [
        ({"trainable": False, "moved": 0.0}, False, ["frozen-at-random"]),
        ({"trainable": False, "moved": 0.0}, True, []),
        ({"trainable": False, "moved": 0.0, "initializer": "Constant"}, False, []),
        ({"trainable": True, "moved": 0.3}, False, []),
    ],
)
def test_an_embedding_frozen_at_random_values_is_told(embedding, loaded, ids):
    assert found(keras_weights={"weights": [EMBEDDING | embedding, KERNEL], "loaded": loaded}) == ids


@pytest.mark.parametrize(
    ("moved", "count", "losses", "ids"),
    [
        (5e-3, 200, [0.7, 0.69] * 100, ["learning-rate-too-low"]),
        (5e-3, 60, [0.7, 0.69] * 30, []),
        (5e-3, 200, [0.7 - 0.002 * step for step in range(200)], []),
        (5e-6, 60, [0.7, 0.5] * 30, ["learning-rate-too-low"]),
        (0.2, 200, [0.7, 0.69] * 100, []),
    ],
)
def test_weights_that_hardly_move_while_the_loss_stays_are_told(moved, count, losses, ids):
    assert found(keras_weights={"weights": [KERNEL | {"moved": moved}]}, losses=losses, steps=count) == ids


TEACHER = """
import keras, numpy as np, tensorflow as tf
keras.utils.set_random_seed(0)
x = np.random.normal(size=(256, 6)).astype("float32")
y = (x[:, 0] > 0).astype("int32")
student = keras.Sequential([keras.Input((6,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(2)])
teacher = keras.models.clone_model(student)
teacher.set_weights(student.get_weights())
optimizer = keras.optimizers.Adam(1e-2)
loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
for step in range(40):
    rows = np.random.choice(200, 32, replace=False)
    with tf.GradientTape() as tape:
        loss = loss_of(y[rows], student(x[rows], training=True))
        loss += 0.1 * tf.reduce_mean(tf.square(student(x[rows]) - tf.stop_gradient(teacher(x[rows]))))
    gradients = tape.gradient(loss, student.trainable_variables)
    optimizer.apply_gradients(zip(gradients, student.trainable_variables))
    for slow, fast in zip(teacher.weights, student.weights):
        slow.assign(0.9 * slow + 0.1 * fast)
print(np.mean(np.argmax(teacher(x[200:]), axis=1) == y[200:]))
"""


REGRESSION = """
import keras, numpy as np
keras.utils.set_random_seed(0)
x = np.random.normal(size=(512, 4)).astype("float32")
y = x[:, 0] + np.abs(x[:, 1])
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1)])
model.compile(keras.optimizers.Adam(1e-2), "mse", metrics=["mae"])
model.fit(x[:400], y[:400], validation_data=(x[400:], y[400:]), epochs=6, verbose=0)
print(model.evaluate(x[400:], y[400:], verbose=0))
"""


@pytest.mark.slow
def test_targets_without_an_axis_for_the_one_output_are_as_keras_takes_them(sandbox):
    report = verify(
        {"train.py": REGRESSION}, framework="tensorflow", sandbox=sandbox, limits=Limits(wall_s=90), tests=False
    )
    assert [one.id for one in report.findings if one.severity != "info"] == []


def test_a_teacher_that_is_called_last_is_not_taken_for_the_model_that_is_trained(sandbox):
    report = verify(
        {"train.py": TEACHER}, framework="tensorflow", sandbox=sandbox, limits=Limits(wall_s=90), tests=False
    )
    assert [one.id for one in report.findings if one.severity != "info"] == []
