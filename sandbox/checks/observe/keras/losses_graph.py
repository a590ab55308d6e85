"""What made a tensor that a loss was given, read off the graph that it is traced into."""

from typing import Any

import numpy as np
import tensorflow as tf

from observe.keras.private import pywrap_tfe

LARGEST = 200_000
"""Values that are compared one by one."""
VIEWS = ("Identity", "IdentityN", "Reshape", "Squeeze", "ExpandDims", "Cast", "Transpose", "StridedSlice")
PRODUCTS = {
    "MatMul": "Linear", "BatchMatMulV2": "Linear", "Einsum": "Linear", "Conv1D": "Convolution", "Conv2D": "Convolution",
    "Conv3D": "Convolution",
}  # fmt: skip


def maker(tensor: Any) -> str | None:
    """The operation that made a traced tensor, seen through views, casts and the bias of a layer."""
    operation = _behind_views(tensor)
    if operation is None:
        return None
    if operation.type in ("AddV2", "BiasAdd"):
        before = _behind_views(operation.inputs[0])
        return PRODUCTS.get(before.type, operation.type) if before is not None else operation.type
    return PRODUCTS.get(operation.type, operation.type)


def answer_maker(module: Any, batch: Any) -> str | None:
    """The operation that makes the answer of a model."""
    traced = tf.function(lambda inputs: module(inputs, training=False), autograph=False)
    outputs = traced.get_concrete_function(batch).outputs
    return maker(outputs[0]) if outputs else None


def is_data(tensor: Any) -> bool:
    """Whether a traced tensor is an argument of its function, and not computed in it."""
    operation = _behind_views(tensor)
    return operation is not None and operation.type in ("Placeholder", "IteratorGetNext", "Const")


def same_origin(first: Any, second: Any) -> bool:
    """Whether two traced tensors are views of one result."""
    one, other = _behind_views(first), _behind_views(second)
    return one is not None and one is other


def is_same(given: Any, values: np.ndarray, answer: Any) -> bool:
    """Whether an eager tensor is a model's answer, at most in another shape."""
    if given is answer:
        return True
    if not hasattr(answer, "numpy") or values.dtype.kind != "f" or values.size != answer.shape.num_elements():
        return False
    return values.size <= LARGEST and bool(np.array_equal(values.ravel(), answer.numpy().ravel()))


def is_answer(value: Any, answer: Any) -> bool:
    """Whether a tensor is a model's answer, at most in another shape, in eager code or in a trace."""
    if value is answer:
        return True
    if not tf.executing_eagerly():
        return same_origin(value, answer)
    return hasattr(value, "numpy") and value.dtype == answer.dtype and is_same(value, value.numpy(), answer)


def taped() -> bool:
    """Whether anything records for a gradient at this moment."""
    return not pywrap_tfe.TFE_Py_TapeSetIsEmpty()


def _behind_views(tensor: Any) -> Any:
    for _ in range(10):
        operation = None if isinstance(tensor, tf.__internal__.EagerTensor) else getattr(tensor, "op", None)
        if operation is None or operation.type not in VIEWS:
            return operation
        tensor = operation.inputs[0]
    return None
