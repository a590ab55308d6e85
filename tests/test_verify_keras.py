"""Faults that only Keras and TensorFlow programs can have: what the evidence must show before they are named."""

from pathlib import Path

import pytest

from sandbox.evidence import Evidence, Facts, ModelFacts, Raised
from sandbox.faults.catalogue import faults
from sandbox.faults.examples import FOLDER, example
from sandbox.findings.finding import Maker, one_line
from sandbox.findings.keras import KERAS_RULES
from sandbox.findings.keras_crashes import CRASHES, keras_crash
from sandbox.findings.keras_fit import saving
from sandbox.findings.symptoms import without_symptoms
from sandbox.schema import Limits
from sandbox.verify import verify

MAKE = Maker("train.py")
AT = ("train.py", 7)


def found(sections, *, losses=(), probes=None, raised=None, **facts):
    """(id, severity, number) of all that the rules tell of these sections."""
    evidence = Evidence(ended=True, losses=[(i, loss, 0) for i, loss in enumerate(losses)], probes=probes or {})
    evidence.raised = raised
    evidence.facts = Facts(**{"steps": 100, "backwards": 100, "sections": sections, **facts})
    told = [one for rule in KERAS_RULES for one in rule(evidence, evidence.facts, MAKE)]
    return [(one.id, one.severity, one.catalogue) for one in told]


def crash(message, *, type="ValueError", fit=None):
    evidence = Evidence(raised=Raised(type=type, message=message))
    evidence.facts = Facts(steps=0, backwards=0, sections={"fitting": {"fits": [fit or {}]}})
    one = keras_crash(evidence, MAKE, AT)
    return one and (one.id, one.catalogue, one.line)


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (
            "in user code:\n\n    File 'a.py', line 3, in f  *\n        y\n\n    ValueError: Shapes differ\n",
            "Shapes differ",
        ),
        (
            "in user code:\n\n  File 'a.py'\n\n  AttributeError: Exception encountered when calling Net.call().\n\n"
            "    \x1b[1mmodule 'keras' has no attribute 'K'\x1b[0m\n\n    Arguments received by Net.call():\n   x=1",
            "module 'keras' has no attribute 'K'",
        ),
        ("Exception encountered when calling Net.call().\n\nNo rank.\n\nArguments received by Net.call():", "No rank."),
        ("two\n\nlines\nof three", "two lines"),
        ("in user code", "in user code"),
    ],
)
def test_of_a_wrapped_message_what_was_wrong_is_told(message, told):
    assert one_line(message) == told


@pytest.mark.parametrize(
    ("type", "message", "id", "number"),
    [
        (
            "ValueError",
            "The filepath provided must end in `.keras` (Keras model format).",
            "unsupported-model-file",
            "K1",
        ),
        ("ValueError", "Argument(s) not recognized: {'lr': 0.1}", "removed-api", "K2"),
        ("ValueError", "Invalid filepath extension for saving. Please add", "unsupported-model-file", "K3"),
        ("ValueError", "File format not supported: filepath=exported.", "unsupported-model-file", "K4"),
        (
            "ValueError",
            "A KerasTensor cannot be used as input to a TensorFlow function.",
            "tensorflow-on-symbolic-tensor",
            "K5",
        ),
        ("AttributeError", "'Sequential' object has no attribute 'fit_generator'", "removed-api", "K6"),
        ("AttributeError", "module 'keras.layers' has no attribute 'CuDNNLSTM'", "removed-api", "K6"),
        ("ImportError", "cannot import name 'np_utils' from 'tensorflow.keras.utils' (/x.py)", "removed-api", "K6"),
        ("ValueError", "You cannot add new elements of state (variables or sub-layers)", "state-created-in-call", "K8"),
        ("AttributeError", "'LossScaleOptimizer' object has no attribute 'get_scaled_loss'", "loss-not-scaled", "K10"),
        (
            "ValueError",
            "tf.function only supports singleton tf.Variables created",
            "variable-created-in-function",
            "K12",
        ),
        (
            "ValueError",
            "Exception encountered when calling Net.call().\n\ntf.function only supports singleton tf.Variables",
            "state-created-in-call",
            "K8",
        ),
        ("AttributeError", "'SymbolicTensor' object has no attribute 'numpy'", "numpy-in-graph", "K13"),
        ("ValueError", "Unknown variable: <Variable path=dense/kernel", "optimizer-built-for-other-variables", "K14"),
        ("TypeError", "Could not locate function 'pinball'.", "custom-object-not-registered", "K16"),
        (
            "NotImplementedError",
            "the object must override `get_config()` in order",
            "custom-object-not-registered",
            "K16",
        ),
        ("ValueError", "a `Lambda` layer whose `function` is a Python lambda.", "lambda-not-loadable", "K17"),
    ],
)
def test_what_keras_raises_is_named_by_the_fault_behind_it(type, message, id, number):
    assert crash(message, type=type) == (id, number, 7)


@pytest.mark.parametrize(
    "message",
    [
        "'Model' object has no attribute 'colour'",
        "module 'torch' has no attribute 'foo'",
        "'NoneType' object has no attribute 'shape'",
        "Exception encountered when calling Net.call().\n\nInvalid input shape for input",
    ],
)
def test_other_exceptions_are_left_to_the_general_rules(message):
    assert crash(message) is None


@pytest.mark.parametrize(
    ("fit", "id"),
    [
        ({"x_axes": 3, "model_axes": 4, "y_axes": 0}, "dataset-batched-wrongly"),
        ({"x_axes": 5, "model_axes": 4, "y_axes": 2}, "dataset-batched-wrongly"),
        ({"x_axes": 3, "y_axes": 0}, "dataset-batched-wrongly"),
        ({"x_axes": 4, "model_axes": 4, "y_axes": 1}, None),
        ({}, None),
    ],
)
def test_a_shape_that_does_not_fit_is_laid_to_the_batching_only_where_the_axes_say_so(fit, id):
    told = crash("Invalid input shape for input", fit=fit)
    assert (told and told[0]) == id


def test_each_exception_is_known_to_the_catalogue():
    assert {one.id for one in CRASHES} <= faults().keys()


WATCHED = {
    "kind": "EarlyStopping",
    "monitor": "val_loss",
    "direction": "min",
    "logged": ["loss", "val_loss"],
    "restores": True,
}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, []),
        ({"direction": "max"}, [("callback-in-wrong-direction", "critical", "F6")]),
        ({"monitor": "loss_weighted_acc", "logged": ["loss_weighted_acc"], "direction": "max"}, []),
        ({"monitor": "val_f1", "logged": ["val_f1"]}, [("callback-in-wrong-direction", "warning", "F6")]),
        ({"monitor": "val_acc", "direction": "max"}, [("monitor-not-available", "critical", "K18")]),
        ({"kind": "ModelCheckpoint", "direction": "max", "best_only": False}, []),
        (
            {"kind": "ModelCheckpoint", "monitor": "val_acc", "direction": "max", "best_only": True},
            [("monitor-not-available", "critical", "F6")],
        ),
        ({"restores": False, "best": 0.5, "last": 0.6}, [("best-weights-not-restored", "warning", "F18")]),
        ({"restores": False, "best": 0.5, "last": 0.501}, []),
    ],
)
def test_a_callback_is_judged_by_what_it_watches(change, told):
    assert found({"callbacks": {"seen": [WATCHED | change]}}) == told


def test_weights_that_a_checkpoint_keeps_need_not_be_restored():
    stop = WATCHED | {"restores": False, "best": 0.5, "last": 0.6}
    kept = WATCHED | {"kind": "ModelCheckpoint", "best_only": True}
    assert found({"callbacks": {"seen": [stop, kept]}}) == []


@pytest.mark.parametrize(
    ("fit", "told"),
    [
        ({"changed": ["dense/kernel"]}, "trainable-changed-after-compile"),
        ({"endless": True}, "dataset-without-end"),
        ({"endless": True, "steps_per_epoch": 10}, None),
        ({"run_eagerly": True, "steps": 40}, "run-eagerly-left-on"),
        ({"run_eagerly": True, "steps": 3}, None),
    ],
)
def test_a_call_of_fit_is_judged_by_what_it_was_given(fit, told):
    assert [id for id, _, _ in found({"fitting": {"fits": [fit]}})] == ([told] if told else [])


def test_predict_is_named_where_it_is_called_often_for_little():
    often = {"predictions": [{"calls": 50, "rows": 1}, {"calls": 50, "rows": 5000}, {"calls": 2, "rows": 1}]}
    assert found({"fitting": often}) == [("predict-in-loop", "warning", "K20")]


@pytest.mark.parametrize(
    ("totals", "runs_on"),
    [
        ({"after_pass": [10.0, 20.0, 30.0]}, True),
        ({"after_pass": [1.1, 1.6, 1.9]}, False),
        ({"after_pass": [10.0, 9.0, 8.0]}, False),
        ({"after_pass": [10.0, 20.0]}, False),
        ({"after_reset": [0.0, 5.0, 10.0]}, True),
        ({"after_reset": [0.0, 0.0, 0.0]}, False),
    ],
)
def test_a_metric_runs_on_where_its_sums_grow_by_a_pass_each_time(totals, runs_on):
    told = found({"metrics": {"made": [{"name": "loss", "kind": "Mean", **totals}]}})
    assert told == ([("metric-not-reset", "warning", "F4")] if runs_on else [])


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ({}, None),
        ({"told": 0.2}, "K15"),
        ({"told": 0.2, "kind": "binary_accuracy", "task": "scores", "bounded": False}, "F3"),
        ({"samples": 4}, None),
    ],
)
def test_an_accuracy_must_be_the_share_of_right_answers(change, number):
    one = {
        "name": "accuracy",
        "kind": "f",
        "told": 0.9,
        "right": 0.9,
        "samples": 64,
        "task": "classes",
        "bounded": True,
    }
    assert [entry[2] for entry in found({"metrics": {"accuracies": [one | change]}})] == ([number] if number else [])


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        ({"clip": {"dropped": 5}}, ("clipping-without-effect", "critical", "C20")),
        ({"clip": {"dropped": 5, "used": 5}}, None),
        ({"scaling": {"steps": 9, "unscaled": 9}}, ("loss-not-scaled", "critical", "K10")),
        ({"scaling": {"steps": 9, "unscaled": 0, "half": True}}, None),
        ({"scaling": {"plain": 9, "half": True}}, ("loss-not-scaled", "warning", "K10")),
        ({"scaling": {"plain": 9}}, None),
    ],
)
def test_gradients_are_followed_from_the_tape_to_the_step(figures, told):
    assert found({"keras-gradients": figures}) == ([told] if told else [])


COSINE = {"name": "Adam", "steps": 200, "schedule": "CosineDecay"}


@pytest.mark.parametrize(
    ("rates", "figures", "named"),
    [
        ([1.0] * 4 + [0.0] * 30, {"decay_steps": 20}, True),
        ([1 - i / 40 for i in range(40)], {"decay_steps": 200}, False),
        ([1.0] * 40, {"decay_steps": 4000}, True),
        ([0.1 + i / 100 for i in range(40)], {"warmup_steps": 500, "decay_steps": 300}, True),
    ],
)
def test_a_schedule_is_held_against_the_steps_that_were_made(rates, figures, named):
    told = found({"keras-optimizers": {"optimizers": [COSINE | {"rates": rates, "figures": figures}]}})
    assert [id for id, _, _ in told] == ["schedule-at-wrong-pace"] * named


def test_optimisers_are_made_again_only_where_they_share_line_and_variables():
    fold = [{"name": "Adam", "where": AT, "steps": 5, "variables": i} for i in range(5)]
    again = [{"name": "Adam", "where": AT, "steps": 5, "variables": 1} for _ in range(5)]
    assert found({"keras-optimizers": {"optimizers": fold}}) == []
    assert found({"keras-optimizers": {"optimizers": again}}) == [("optimizer-made-again", "warning", "C11")]


@pytest.mark.parametrize(
    ("figures", "named"),
    [
        ({"made": 1, "calls": 40, "traces": 40, "kinds": 1}, True),
        ({"made": 1, "calls": 120, "traces": 31, "kinds": 1}, True),
        ({"made": 1, "calls": 400, "traces": 6, "kinds": 2}, False),
        ({"made": 40, "calls": 40, "traces": 40, "kinds": 40}, True),
        ({"made": 1, "calls": 40, "traces": 2, "kinds": 2}, False),
        ({"made": 1, "calls": 9, "traces": 9, "kinds": 9}, False),
    ],
)
def test_a_function_is_traced_again_only_where_the_tensors_are_alike(figures, named):
    told = found({"keras-functions": {"functions": [{"name": "step", **figures}]}})
    assert [id for id, _, _ in told] == ["function-traced-again"] * named


KERNEL = {"name": "a/kernel", "layer": "Dense", "shape": [64, 32], "rms": 0.1, "rms_before": 0.1, "moved": 0.2}
ADAM = [{"name": "Adam", "steps": 100, "learning_rates": [0.5]}]


@pytest.mark.parametrize(
    ("weights", "losses", "rate", "told"),
    [
        ([KERNEL], [2.3] * 40, 0.5, ["learning-rate-too-high"]),
        ([KERNEL], [2.3 / (i + 1) for i in range(40)], 0.5, []),
        ([KERNEL], [2.3] * 40, 1e-3, []),
        ([KERNEL | {"moved": 1e-6}], [2.3] * 40, 1e-8, ["learning-rate-too-low"]),
        ([KERNEL, KERNEL | {"constant_before": True, "columns_equal": True}], [2.3] * 40, 1e-3, ["bad-initialisation"]),
        ([KERNEL, KERNEL | {"constant_before": True}], [2.3] * 40, 1e-3, ["bad-initialisation"]),
        ([KERNEL, KERNEL | {"constant_before": True, "rms_before": 0.0}], [2.3] * 40, 1e-3, []),
        ([KERNEL, KERNEL | {"rms_before": 5.0}], [2.3] * 40, 1e-3, ["bad-initialisation"]),
        (
            [KERNEL, KERNEL | {"trainable": False, "moved": None, "initializer": "GlorotUniform"}],
            [2.3] * 40, 1e-3, ["frozen-at-random"],
        ),
    ],
)  # fmt: skip
def test_weights_are_judged_by_how_they_began_and_how_far_they_went(weights, losses, rate, told):
    optimizers = [ADAM[0] | {"learning_rates": [rate]}]
    names = found({"keras-weights": {"weights": weights}}, losses=losses, optimizers=optimizers)
    assert [id for id, _, _ in names] == told


def test_one_fault_of_one_line_is_told_once():
    at_line = [MAKE("loss-maximised", "critical", message, "f", at=("train.py", 5)) for message in ("m", "n")]
    elsewhere = MAKE("loss-maximised", "critical", "m", "f", at=("train.py", 9))
    assert without_symptoms([*at_line, elsewhere]) == [at_line[0], elsewhere]


def test_a_cause_is_told_in_the_place_of_its_symptom_and_as_severe():
    symptom = MAKE("constant-output", "critical", "m", "f")
    cause = MAKE("learning-rate-too-high", "warning", "m", "f", at=AT)
    assert [(one.id, one.severity) for one in without_symptoms([symptom, cause])] == [(cause.id, "critical")]
    assert without_symptoms([symptom]) == [symptom]


@pytest.mark.parametrize(
    "sections", [{"callbacks": {"seen": 3}}, {"metrics": {"made": [{"name": 1}]}}, {"keras-weights": None}]
)
def test_what_the_observers_send_is_not_trusted(sections):
    assert found(sections) == []


BARE = Path(__file__).parent / "data" / "scripts" / "keras_variables.py"


def test_a_program_of_bare_variables_passes_when_it_learns(sandbox):
    report = verify({"train.py": BARE.read_text(encoding="utf-8")}, framework="tensorflow", sandbox=sandbox)
    assert report.status == "passed"
    assert report.validation.training_loop_runs


@pytest.mark.parametrize("id", ["metric-not-reset", "clipping-without-effect"])
def test_a_fault_is_seen_in_a_real_run_and_not_in_its_right_version(id, sandbox):
    text = (FOLDER / "tensorflow" / f"{id.replace('-', '_')}.py").read_text(encoding="utf-8")
    reports = [
        verify({"train.py": example(text, version)}, framework="tensorflow", sandbox=sandbox, limits=Limits(wall_s=120))
        for version in ("wrong", "right")
    ]
    assert [id in {one.id for one in report.findings} for report in reports] == [True, False]


@pytest.mark.parametrize(("saved", "names"), [("Net", ["custom-object-not-registered"]), ("Functional", [])])
def test_a_file_that_holds_a_part_of_the_model_is_not_said_to_hold_the_whole(saved, names):
    told = {"round-trip": {"rebuilding": "NotImplementedError: the object must override `get_config()`"}}
    evidence = Evidence(
        ended=True, probes=told, model=ModelFacts(class_name="Net", parameters=9, trainable=9, bytes=36)
    )
    facts = Facts(steps=9, backwards=9, checkpoints=[{"path": "decoder.keras", "type": saved}])
    assert [one.id for one in saving(evidence, facts, MAKE)] == names
