"""What one eager forward pass of a Keras model does to the axes of its activations.

Runs inside the jail.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import tensorflow as tf

from observe.keras.calls import to_numpy
from observe.keras.private import op_callbacks
from observe.layout import LARGEST_MASK, Layout
from observe.masks import FORBIDDING
from observe.record import is_users

BESIDE = ("/tensorflow/", "/keras/src/ops/", "/keras/src/backend/", "/keras/src/utils/", "/observe/")
OPEN = ("/keras/src/layers/reshaping/", "/keras/src/models/")
"""Layers of Keras that do no more than what the program asks them for."""
PRODUCTS = ("MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3", "Einsum")
SUMMARIES = ("Mean", "Sum", "Max")
RESCALES = ("MatMul", "Softmax", "Rsqrt")
TURNS = ("Transpose", "ReverseV2", "Roll", "StridedSlice")
TIMES, PLUS = ("Mul",), ("Add", "AddV2", "Sub")
RECURRENT = ("LSTM", "GRU", "SimpleRNN", "Bidirectional")
CONVOLUTIONS = ("Conv1D", "Conv2D", "SeparableConv1D", "SeparableConv2D")
FEATURES = ("Dense", "EinsumDense", "LayerNormalization", "MultiHeadAttention", "Embedding", *RECURRENT, *CONVOLUTIONS)
KEEPS = ("MaxPooling", "AveragePooling", "BatchNormalization", "Dropout", "SpatialDropout", "Activation", "ReLU")
"""Layers that leave the features where they are."""


class _Listening:
    """Hears of every operation that runs eagerly."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    def __call__(self, type: Any, inputs: Any, attributes: Any, outputs: Any, op_name: Any = None, graph: Any = None):
        if graph is not None:
            return  # a function is being traced: there are no values yet
        kind = type.decode() if isinstance(type, bytes) else str(type)
        if outputs and hasattr(outputs[0], "shape"):
            self._hear(kind, inputs, attributes, outputs[0])
            if kind not in RESCALES and self.layout.is_scaled(*inputs):
                self.layout.scaled(*outputs)

    def _hear(self, kind: str, inputs: Any, attributes: Any, result: Any) -> None:
        layout = self.layout
        if "RandomNormal" in kind:
            layout.tell("draws")
        elif "RandomUniform" in kind and "FullInt" not in kind:  # which is how Keras draws the seeds of others
            layout.tell("dropout-in-eval")
        elif kind == "Reshape":
            if _is_own() and result.dtype.is_floating:
                layout.reshaped(inputs[0], result)
        elif kind in PRODUCTS:
            layout.product(inputs, result)
        elif kind in SUMMARIES:
            self._summary(inputs, attributes, result)
        elif kind == "SelectV2":
            self._where(*inputs, result)
        elif kind in (*TIMES, *PLUS, "RealDiv"):
            self._elementwise(kind, inputs, result)
        elif kind in ("Equal", "NotEqual", "Greater") and _is_own() and not inputs[0].dtype.is_floating:
            layout.tell("compares-ids", shape=[int(one) for one in inputs[0].shape])
        elif kind not in TURNS:
            layout.inherit(result, *inputs)

    def _summary(self, inputs: Any, attributes: Any, result: Any) -> None:
        value, axes = inputs[0], to_numpy(inputs[1]).ravel().tolist()
        kept = dict(zip(attributes[::2], attributes[1::2], strict=False)).get("keep_dims", False)
        rank = len(value.shape)
        if rank >= 2 and {0, -rank} & set(axes) and value.shape[0] == self.layout.rows > 1 and _is_own():
            self.layout.tell("reduced-over-batch", shape=[int(one) for one in value.shape])
        if axes in ([-1], [rank - 1]) and not kept and rank >= 3 and self.layout.marks(value).get("features"):
            self.layout.mark(result, averaged=list(value.shape))

    def _where(self, condition: Any, first: Any, second: Any, result: Any) -> None:
        self.layout.inherit(result, first, second)
        for excludes, constant in ((True, first), (False, second)):
            single = constant.shape.num_elements() == 1 and constant.dtype.is_floating
            if single and float(to_numpy(constant).ravel()[0]) < FORBIDDING and _is_own():
                self.layout.selected(to_numpy(condition) == excludes)

    def _elementwise(self, kind: str, inputs: Any, result: Any) -> None:
        self.layout.inherit(result, *inputs)
        if kind in ("Mul", "RealDiv") and any(not len(one.shape) for one in inputs):
            self.layout.scaled(result)
        if kind not in (*TIMES, *PLUS) or len(inputs) != 2:
            return
        own = _is_own()
        for one, other in (inputs, inputs[::-1]):
            shape = tuple(other.shape)
            square = len(shape) >= 2 and shape[-1] == shape[-2] and other.shape.num_elements() <= LARGEST_MASK
            if own and square and tuple(one.shape)[-2:] == shape[-2:]:
                self.layout.masked(one, to_numpy(other), "times" if kind in TIMES else "plus")
            if kind in PLUS and len(shape) >= 2:
                self.layout.added_to_scores(one, other)
            elif len(shape) >= 2:
                self.layout.turned(one, other)


def layout(subject: Any) -> dict[str, Any]:
    """The events of one forward pass."""
    kept = Layout(subject.rows)
    listening = _Listening(kept)
    with _features(kept), _softmaxes(kept):
        op_callbacks.add_op_callback(listening)
        try:
            subject()
        finally:
            op_callbacks.remove_op_callback(listening)
    layers = subject.module._flatten_layers()
    attentions = sum(isinstance(layer, keras.layers.MultiHeadAttention) for layer in layers)
    return {"events": kept.events, "time_first": [], "layers": _kinds(subject.module), "attentions": attentions}


def _kinds(module: keras.Model) -> list[str]:
    names = {type(layer).__name__ for layer in module._flatten_layers()}
    parts = {"recurrent": ("LSTM", "GRU", "RNN"), "attention": ("Attention",), "convolution": ("Conv",)}
    return [kind for kind, words in parts.items() if any(word in name for name in names for word in words)]


def _is_own() -> bool:
    """Whether the program asked for this, rather than a layer of Keras on its way."""
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        if is_users(name) or any(part in name for part in OPEN):
            return frame.f_code.co_name != "tensordot"
        if not any(part in name for part in BESIDE) or frame.f_code.co_name == "tensordot":
            return False
        frame = frame.f_back
    return False


@contextmanager
def _features(layout: Layout) -> Iterator[None]:
    """Mark what layers answer that work on the last axis, and look at what reaches a Dense layer."""
    original = keras.layers.Layer.__call__

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        told = layout.marks(args[0]).get("averaged") if args else None
        if told and type(layer).__name__ in ("Dense", "EinsumDense"):
            layout.tell("features-averaged", shape=told)
        result = original(layer, *args, **kwargs)
        name, given = type(layer).__name__, args[0] if args else None
        kept = name.startswith(KEEPS) and layout.marks(given).get("features")
        if (name in FEATURES or kept) and hasattr(result, "shape"):
            layout.mark(result, features=True)
        if isinstance(layer, keras.layers.Dense) and args and hasattr(result, "shape"):
            layout.linear(args[0], result, "", (int(args[0].shape[-1]), int(result.shape[-1])))
            if layer.activation is not keras.activations.linear:
                layout.forget(result)
        return result

    keras.layers.Layer.__call__ = call
    try:
        yield
    finally:
        keras.layers.Layer.__call__ = original


@contextmanager
def _softmaxes(layout: Layout) -> Iterator[None]:
    """TensorFlow's own softmax knows one axis alone, so what it is called with is looked at."""
    original = tf.nn.softmax

    def softmax(logits: Any, axis: Any = None, name: Any = None) -> Any:
        result = original(logits, axis=axis, name=name)
        if hasattr(logits, "shape") and len(logits.shape):
            layout.softmax(logits, result, -1 if axis is None else int(axis))
        return result

    tf.nn.softmax = softmax
    try:
        yield
    finally:
        tf.nn.softmax = original
