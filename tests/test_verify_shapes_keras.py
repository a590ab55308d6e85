"""Exceptions of Keras and TensorFlow about shapes, named by the fault that the shapes in their messages tell of."""

import pytest

from sandbox.evidence import Evidence, Facts, Raised
from sandbox.findings.ending import ending
from sandbox.findings.finding import Maker
from sandbox.schema import ExecResult

LAYER = "Input 0 with name 'None' of layer 'dense' is incompatible with the layer: "
RECEIVED = "but received input with shape"
LOSS = "Argument `output` must have rank (ndim) `target.ndim - 1`. Received: "
CONV = "Computed output size would be zero or negative. Received `inputs shape="
GRAPH = "Graph execution error:\n\nDetected at node "


def named(message, *, steps=0, type="ValueError", parameters=()):
    evidence = Evidence(raised=Raised(type=type, message=message, stage="forward", steps=steps))
    evidence.facts = Facts(steps=steps, backwards=steps, parameters=list(parameters))
    result = ExecResult(
        status="error",
        exit_code=1,
        stdout="",
        stderr="",
        wall_s=1,
        cpu_s=1,
        tier="A",
        warm=True,
        truncated=False,
        peak_memory_mb=1,
    )
    return next(iter(ending(evidence, result, Maker("train.py")))).catalogue


@pytest.mark.parametrize(
    ("message", "number"),
    [
        (f"{LOSS}target.shape=(None,), output.shape=(None, 22, 18, 5)", "A1"),
        (f"{LOSS}target.shape=(None,), output.shape=(5,)", "A12"),
        (f"{LOSS}target.shape=(1,), output.shape=(5,)", "A7"),
        (f"{LOSS}target.shape=(None, 5), output.shape=(None, 5)", "B10"),
        ("same shape up until the last dimension: target.shape=(32,), output.shape=(40, 5)", "A12"),
        ("same shape up until the last dimension: target.shape=(32,), output.shape=(64, 5)", "A9"),
        ("logits and labels must have the same first dimension, got logits shape [40,5] and labels shape [32]", "A12"),
        ("logits and labels must have the same first dimension, got logits shape [32,5] and labels shape [160]", "B10"),
        ("`logits` and `labels` must have the same shape, received ((32, 1) vs (32,)).", "A10"),
        ("`logits` and `labels` must have the same shape, received ((48, 6) vs (50, 6)).", "A12"),
        ("`logits` and `labels` must have the same shape, received ((100, 6) vs (50, 6)).", "A9"),
        (f"{LAYER}expected axis -1 of input shape to have value 400, {RECEIVED} (1, 12800)", "A9"),
        (f"{LAYER}expected axis -1 of input shape to have value 400, {RECEIVED} (None, 500)", "A1"),
        (f"{LAYER}expected min_ndim=2, found ndim=1. Full shape received: (12800,)", "A9"),
        (f"{LAYER}expected axis -1 of input shape to have value 3, {RECEIVED} (None, 3, 24, 20)", "A8"),
        (f"{LAYER}expected axis -1 of input shape to have value 1, {RECEIVED} (None, 24, 20, 3)", "A1"),
        (f"{LAYER}expected shape=(None, 24, 20, 3), found shape=(32, 3, 24, 20)", "A8"),
        (f"{LAYER}expected shape=(None, 24, 20, 3), found shape=(32, 20, 24, 3)", "A1"),
        (f"{CONV}(None, 1, 24, 20)`, `kernel shape=(3, 3, 20, 4)`", "A8"),
        (f"{CONV}(None, 24, 20, 1)`, `kernel shape=(3, 3, 24, 4)`", "A8"),
        (f"{CONV}(None, 1, 1, 4)`, `kernel shape=(3, 3, 4, 4)`", "A15"),
        ("Inputs have incompatible shapes. Received shapes (25, 25, 4) and (24, 24, 4)", "A15"),
        ("Inputs have incompatible shapes. Received shapes (25, 25, 4) and (25, 25, 8)", "A1"),
        (f"{GRAPH}compile_loss/Equal defined at\nIncompatible shapes: [32] vs. [32,5]", "K15"),
        ("'{{node compile_loss/mse/sub}} = Sub[T=DT_FLOAT](a, b)' with input shapes: [32], [32,4].", "B12"),
        (
            "Dimensions must be equal, but are 3 and 4 for 'compile_loss/mse/sub' with input shapes: [32,3], [32,4].",
            "A1",
        ),
        (f"{GRAPH}model/embedding/GatherV2 defined at\nindices[0,1] = 500 is not in [0, 500)", "E13"),
    ],
)
def test_the_shapes_in_a_message_tell_the_fault(message, number):
    assert named(message) == number


@pytest.mark.parametrize(
    "message",
    [
        "Incompatible shapes: [28,64] vs. [32,64] [Op:AddV2]",
        "ConcatOp : Dimension 0 in both shapes must be equal: shape[0] = [32,10] vs. shape[1] = [28,10]",
        "Dimensions must be equal, but are 28 and 32 for '{{node add}}' with input shapes: [28,4], [32,4].",
        "Cannot reshape a tensor with 112 elements to shape [32,4] (128 elements)",
    ],
)
def test_what_fits_at_first_and_then_no_more_was_made_for_one_size_of_a_batch(message):
    assert named(message, steps=9) == "A2"
    assert named(message, steps=0) != "A2"


@pytest.mark.parametrize(("width", "number"), [(64 * 16 * 32, "A9"), (32, "A12")])
def test_one_row_for_a_whole_batch_was_flattened_where_its_layer_is_as_wide_as_the_batch(width, number):
    kernels = [{"name": str(size), "values": 1, "shape": size} for size in ([4, 32], [width, 8])]
    parameters = [{**one, "trainable": True, "held": True, "gradient": False, "changed": False} for one in kernels]
    message = "same shape up until the last dimension: target.shape=(64,), output.shape=(1, 8)"
    assert named(message, parameters=parameters) == number
