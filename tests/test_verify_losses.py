"""What loss functions are given: which figures show a fault, and which only look like one."""

from pathlib import Path

import numpy as np
import pytest

from sandbox.evidence import Evidence, Facts, LossCall, OptimizerFacts, Raised
from sandbox.faults.examples import example
from sandbox.findings.finding import Maker
from sandbox.findings.losses import contracts
from sandbox.findings.losses_raised import loss_error
from sandbox.schema import Limits
from sandbox.verify import verify

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 4, 200)
LOGITS = 3 * RNG.normal(size=(200, 4))
ONE_HOT = np.eye(4)[LABELS]
VALUES = RNG.normal(size=(200, 1))


def softmax(logits, axis=1):
    powers = np.exp(logits)
    return powers / powers.sum(axis, keepdims=True)


def sigmoid(logits):
    return 1 / (1 + np.exp(-logits))


def found(observe, function, kind, output, target, *, losses=(), facts=None, axis=1, calls=8, **told):
    """(id, number, severity) of what is found where a loss was called so often with these arrays."""
    figures = {"kind": kind, **observe.losses.describe(kind, output, target, axis=axis), **told}
    figures.setdefault("input_dtype", "float32")
    figures.setdefault("target_dtype", "int64" if target.dtype.kind == "i" else "float32")
    samples = [{**figures, "call": call + 1, "step": call} for call in range(calls)]
    call = LossCall(function=function, where=("train.py", 7), calls=calls, sampled=samples)
    facts = (facts or Facts(steps=calls, backwards=calls)).model_copy(update={"loss_calls": [call]})
    evidence = Evidence(losses=list(losses))
    return [(one.id, one.catalogue, one.severity) for one in contracts(evidence, facts, Maker("train.py"))]


CE = ("cross_entropy", "classes")
NLL = ("nll_loss", "classes")
BCE = ("binary_cross_entropy", "binary")
BCE_LOGITS = ("binary_cross_entropy_with_logits", "binary")
MSE = ("mse_loss", "values")
KL = ("kl_div", "divergence")
SPARSE = ("sparse_categorical_crossentropy", "classes")

RIGHT = {
    "logits and labels": (*CE, LOGITS, LABELS, {}),
    "logits and soft targets": (*CE, LOGITS, softmax(LOGITS), {}),
    "logits of few rows": (*CE, LOGITS[:3], LABELS[:3], {}),
    "log-probabilities": (*NLL, np.log(softmax(LOGITS)), LABELS, {}),
    "probabilities of several properties": (*BCE, sigmoid(LOGITS), (VALUES > 0) * np.ones(4), {"made_by": "Sigmoid"}),
    "values": (*MSE, VALUES + 0.1, VALUES, {"made_by": "Addmm"}),
    "values that are never negative": (*MSE, np.abs(VALUES), np.abs(VALUES), {"made_by": "Relu"}),
    "pixels": (*MSE, sigmoid(VALUES), np.abs(np.sin(VALUES)), {"made_by": "Sigmoid"}),
    "counts": (*MSE, VALUES, RNG.poisson(2.0, (200, 1)).astype(float), {}),
    "scores of a least-squares GAN": (*MSE, VALUES, np.ones((200, 1)), {}),
    "divergence": (*KL, np.log(softmax(LOGITS)), softmax(LOGITS + 1), {"reduction": "batchmean"}),
    "Keras logits": (*SPARSE, LOGITS, LABELS, {"from_logits": True, "made_by": "Linear"}),
    "Keras probabilities": (*SPARSE, softmax(LOGITS), LABELS, {"from_logits": False, "made_by": "Softmax"}),
}


@pytest.mark.parametrize("case", RIGHT)
def test_what_fits_together_is_no_fault(case, observe):
    function, kind, output, target, told = RIGHT[case]
    assert found(observe, function, kind, output, target, axis=1 if kind == "classes" else -1, **told) == []


WRONG = {
    "B1": (*CE, softmax(LOGITS), LABELS, {}, "softmax-before-cross-entropy"),
    "B3": (*NLL, LOGITS, LABELS, {}, "logits-into-nll"),
    "B4": (*BCE_LOGITS, sigmoid(VALUES), VALUES > 0, {"made_by": "Sigmoid"}, "sigmoid-before-bce-with-logits"),
    "B6": (*SPARSE, LOGITS, LABELS, {"from_logits": False, "made_by": "Linear"}, "logits-without-from-logits"),
    "B7": (*SPARSE, softmax(LOGITS), LABELS, {"from_logits": True}, "probabilities-with-from-logits"),
    "B8": (*BCE, np.ones((200, 1)), VALUES > 0, {"made_by": "Softmax"}, "softmax-over-one-unit"),
    "B9": (*CE, sigmoid(LOGITS), LABELS, {"made_by": "Sigmoid"}, "sigmoid-with-categorical-loss"),
    "A6": (*CE, softmax(LOGITS, 0), LABELS, {}, "softmax-over-samples"),
    "B11": (*MSE, np.maximum(VALUES, 0), VALUES, {"made_by": "Relu"}, "bounded-output"),
    "B12": (*MSE, VALUES, LABELS[:, None], {}, "regression-loss-on-classes"),
    "B14": (*KL, softmax(LOGITS), softmax(LOGITS + 1), {"reduction": "batchmean"}, "divergence-inputs"),
    "B18": (*CE, np.pad(LOGITS, ((0, 0), (0, 1))), LABELS + 1, {}, "label-range"),
    "B22": (*BCE, (VALUES > 0) * 1.0, sigmoid(VALUES), {"carries": "target"}, "loss-arguments-swapped"),
    "A10": (*MSE, VALUES, VALUES[:, 0], {}, "loss-broadcasting"),
    "E14": (*CE, LOGITS.reshape(8, 10, 10), LABELS[:80].reshape(8, 10), {"linear_axis": True}, "class-axis-not-second"),
    "B16": (*CE, LOGITS, LABELS, {"padding_id": 0, "padding_share": 0.4, "reduction": "mean"}, "padding-in-loss"),
    "F16": (
        *SPARSE, softmax(LOGITS), LABELS, {"from_logits": False, "input_dtype": "float16"}, "half-precision-output",
    ),
}  # fmt: skip


@pytest.mark.parametrize("number", WRONG)
def test_what_contradicts_itself_is_named_with_its_number(number, observe):
    function, kind, output, target, told, id = WRONG[number]
    axis = 1 if kind == "classes" else -1
    assert [one[:2] for one in found(observe, function, kind, output, target, axis=axis, **told)] == [(id, number)]


def test_one_hot_labels_in_a_squared_error_are_a_warning(observe):
    assert found(observe, *MSE, LOGITS, ONE_HOT, axis=-1) == [("regression-loss-on-classes", "B12", "warning")]


@pytest.mark.parametrize(("sign", "expected"), [(1.0, []), (-1.0, ["loss-maximised"])])
def test_a_loss_that_is_differentiated_with_its_sign_turned_is_maximised(observe, sign, expected):
    told = {"value": 1.2, "carries": "output"}
    losses = [(step, sign * 1.2, 0) for step in range(8)]
    assert [one[0] for one in found(observe, *CE, LOGITS, LABELS, losses=losses, **told)] == expected


def test_a_generator_that_maximises_what_another_loss_minimises_is_no_fault(observe):
    losses = [(step, -1.2, 0) for step in range(8)] + [(20, 0.5, 1)]
    assert found(observe, *BCE_LOGITS, VALUES, VALUES > 0, losses=losses, axis=-1, value=1.2, carries="output") == []


@pytest.mark.parametrize(("rate", "severity"), [(0.1, "warning"), (1e-6, "info")])
def test_a_summed_loss_is_loud_only_where_the_step_is_as_large(observe, rate, severity):
    facts = Facts(steps=8, backwards=8, optimizers=[OptimizerFacts(name="SGD", steps=8, learning_rates=[rate])])
    losses = [(step, 90.0, 0) for step in range(8)]
    told = {"value": 90.0, "carries": "output", "reduction": "sum"}
    seen = found(observe, *MSE, VALUES, VALUES + 0.1, losses=losses, facts=facts, axis=-1, **told)
    assert seen == [("summed-loss", "B21", severity)]


@pytest.mark.parametrize(("weight", "expected"), [([0.1, 0.3, 0.6], []), ([0.6, 0.3, 0.1], ["class-weights-inverted"])])
def test_weights_are_held_against_how_frequent_the_classes_are(observe, weight, expected):
    labels = np.repeat([0, 1, 2], [120, 60, 20])
    seen = found(observe, *CE, RNG.normal(size=(200, 3)), labels, weight=weight)
    assert [one[0] for one in seen] == expected


@pytest.mark.parametrize(("offset", "share"), [(0, 0), (1, 1), (2, 2)])
def test_a_shift_is_recognised_by_the_tokens(observe, offset, share):
    tokens = RNG.integers(0, 50, (8, 22))
    figures = observe.losses_tokens.describe_tokens(tokens[:, offset : offset + 20].ravel(), tokens[:, :20])
    assert figures["shifts"][share] == 1.0 and sum(one > 0.5 for one in figures["shifts"]) == 1


def test_padding_is_what_fills_up_rows_of_different_lengths_in_inputs_and_targets(observe):
    tokens = RNG.integers(1, 50, (16, 21))
    full = observe.losses_tokens.describe_tokens(tokens[:, 1:], tokens[:, :-1])
    tokens[np.arange(21) >= RNG.integers(5, 18, (16, 1))] = 0
    padded = observe.losses_tokens.describe_tokens(tokens[:, 1:], tokens[:, :-1])
    assert "padding_id" not in full and padded["padding_id"] == 0 and padded["padding_share"] > 0.1


@pytest.mark.parametrize(
    ("shape", "change", "axis", "scattered", "elsewhere"),
    [
        ((4, 6, 5), lambda logits: logits.reshape(-1, 5), 1, False, False),
        ((4, 6, 5), lambda logits: logits.transpose(0, 2, 1), 1, False, False),
        ((4, 6, 5), lambda logits: logits.reshape(4, 5, 6), 1, True, False),
        ((4, 30), lambda logits: logits.reshape(-1, 5), 1, False, False),
        ((2, 3, 4, 8), lambda logits: logits.transpose(0, 2, 3, 1).reshape(-1, 3), 1, False, False),
        ((2, 3, 4, 8), lambda logits: logits.reshape(-1, 3), 1, True, True),
        ((2, 3, 4, 9), lambda logits: logits.reshape(-1, 3), 1, False, True),
    ],
    ids=["flattened", "transposed", "reshaped", "split", "pictures", "torn pictures", "evenly torn pictures"],
)
def test_rows_of_a_loss_are_traced_to_their_places_in_the_output(observe, shape, change, axis, scattered, elsewhere):
    logits = RNG.normal(size=shape)
    figures = observe.losses_tokens.rows_of(logits, change(logits), axis)
    assert figures["elsewhere"] == elsewhere and bool(figures["scattered"]) == scattered


@pytest.mark.parametrize(
    ("message", "number"),
    [
        ("Target 10 is out of bounds.", "B18"),
        ("Expected target size [16, 13], got [16, 32]", "E14"),
        ("0D or 1D target tensor expected, multi-target not supported", "B19"),
        ("Arguments `target` and `output` must have the same shape. Received: target.shape=(None,)", "B10"),
        ("weight tensor should be defined either for all 10 classes or no classes", "B20"),
        ("mat1 and mat2 shapes cannot be multiplied (64x3 and 4x5)", None),
    ],
)
def test_what_a_loss_raises_is_named(message, number):
    evidence = Evidence(raised=Raised(type="RuntimeError", message=message))
    finding = loss_error(evidence, Maker("train.py"), ("train.py", 3))
    assert (finding and finding.catalogue) == number


@pytest.mark.parametrize(
    ("weight", "reduction", "expected"),
    [(1.0, "sum", []), (-1.0, "sum", ["divergence-sign"]), (1.0, "mean", ["divergence-outweighs"])],
)
def test_the_two_terms_of_an_auto_encoder_are_told_apart_in_what_is_differentiated(weight, reduction, expected):
    terms = [(0.9 - 0.02 * step**1.5, 0.4 - 0.04 * step) for step in range(8)]
    told = {"input_shape": [16, 64], "reduction": reduction, "carries": "output"}
    samples = [
        {"kind": "values", "call": step + 1, "step": step, "value": value, "divergences": [divergence], **told}
        for step, (value, divergence) in enumerate(terms)
    ]
    call = LossCall(function="mse_loss", where=("train.py", 7), calls=8, sampled=samples)
    losses = [(step, value + weight * divergence, 0) for step, (value, divergence) in enumerate(terms)]
    evidence, facts = Evidence(losses=losses), Facts(steps=8, backwards=8, loss_calls=[call])
    assert [one.id for one in contracts(evidence, facts, Maker("train.py"))] == expected


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_terms_that_run_away_or_are_summed_over_batches_of_two_sizes_are_told_apart(sign):
    rows = [64, 64, 28, 64, 64, 28, 64, 64]
    terms = [(50.0 - step, 0.1 * 3.0**step) for step in range(8)]
    told = {"reduction": "sum", "carries": "output", "kind": "binary"}
    samples = [
        {
            **told,
            "call": step + 1,
            "step": step,
            "input_shape": [n, 64],
            "value": n * value,
            "divergences": [divergence],
        }
        for step, (n, (value, divergence)) in enumerate(zip(rows, terms, strict=True))
    ]
    call = LossCall(function="binary_cross_entropy", where=("train.py", 7), calls=8, sampled=samples)
    losses = [(step, value + sign * divergence, 0) for step, (value, divergence) in enumerate(terms)]
    losses[-1] = (7, -1e18, 0)
    evidence, facts = Evidence(losses=losses), Facts(steps=8, backwards=8, loss_calls=[call])
    found = [one.id for one in contracts(evidence, facts, Maker("train.py"))]
    assert ("divergence-sign" in found) == (sign < 0)


EXAMPLES = Path(__file__).parents[1] / "sandbox" / "faults" / "examples"


@pytest.mark.parametrize(
    ("folder", "id"),
    [
        ("pytorch", "loss-rows-scattered"),
        ("pytorch", "loss-maximised"),
        ("tensorflow", "sigmoid-with-categorical-loss"),
        ("tensorflow", "bounded-output"),
    ],
)
def test_a_program_that_runs_is_found_to_compute_the_wrong_loss(folder, id, sandbox):
    text = (EXAMPLES / folder / f"{id.replace('-', '_')}.py").read_text(encoding="utf-8")
    wrong = verify({"train.py": example(text, "wrong")}, framework=folder, sandbox=sandbox, limits=Limits(wall_s=90))
    assert id in [one.id for one in wrong.findings]
