"""Parts of a trained Keras model whose answer is thrown away, and layers that several blocks share.

Runs inside the jail, after the program: one call in training under a tape, with what it changes put back.
"""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from observe.keras.calls import first_tensor, key, to_numpy
from observe.keras.subject import state_kept
from observe.probe import NotApplicable
from observe.record import user_frame

MOST_CALLS = 400
LARGEST = 4_000_000
KINDS = ("Dense", "EinsumDense", "BaseConv")
"""Layers whose columns are features of their output."""

Call = tuple[Any, Any, Any, Any]
"""(layer, input, output, place) of a layer that holds weights of its own."""


def parts(subject: Any) -> dict[str, Any]:
    """Columns without a gradient, layers whose output leads nowhere, and layers called again on what they made."""
    module = subject.module
    calls: list[Call] = []
    with state_kept(module):
        with tf.GradientTape(persistent=True) as tape:
            total = _answer(subject, calls)
        if total is None:
            raise NotApplicable("The model answers no numbers that could be differentiated.")
        weights = [one for one in module.trainable_weights if int(np.prod(one.shape)) <= LARGEST]
        gradients = tape.gradient(total, [one.value for one in weights])
        without = {key(one) for one, gradient in zip(weights, gradients, strict=True) if gradient is None}
        return {
            "empty": list(_empty(module, weights, gradients)),
            "unused": list(_unused(calls, without)),
            "shared": list(_shared(calls, tape)),
        }


def _answer(subject: Any, calls: list[Call]) -> Any:
    """A random projection of all that the model answers, with the losses that its layers add."""
    original, depth = keras.layers.Layer.__call__, 0

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal depth
        own = _holds_weights(layer)
        depth += own
        try:
            output = original(layer, *args, **kwargs)
        finally:
            depth -= own
        if own and not depth and len(calls) < MOST_CALLS:
            given = first_tensor(args[0] if args else list(kwargs.values()))
            calls.append((layer, given, first_tensor(output), user_frame()))
        return output

    keras.layers.Layer.__call__ = call
    try:
        answers = tf.nest.flatten(subject.module(subject.batch, training=True))
    finally:
        keras.layers.Layer.__call__ = original
    draw = tf.random.Generator.from_seed(0)
    floats = [tf.cast(one, tf.float32) for one in answers if hasattr(one, "dtype") and one.dtype.is_floating]
    added = [tf.cast(tf.reduce_sum(one), tf.float32) for one in subject.module.losses]
    terms = [tf.reduce_sum(one * draw.normal(tf.shape(one))) for one in floats] + added
    return tf.add_n(terms) if floats else None


def _holds_weights(layer: Any) -> bool:
    """Whether it is a layer of Keras' own with weights, which counts as one whatever it is made of."""
    return type(layer).__module__.startswith("keras.") and bool(layer.weights) and not isinstance(layer, keras.Model)


def _empty(module: Any, weights: list[Any], gradients: list[Any]) -> Iterator[dict[str, Any]]:
    """Kernels with a block of columns that no answer depends on."""
    owners = {key(one): layer for layer in module._flatten_layers() for one in layer._trainable_variables}
    for one, gradient in zip(weights, gradients, strict=True):
        layer = owners.get(key(one))
        known = layer is not None and (
            any(cls.__name__ in KINDS for cls in type(layer).__mro__) or not type(layer).__module__.startswith("keras.")
        )
        if not known or not isinstance(gradient, tf.Tensor) or len(one.shape) < 2:
            continue
        columns = np.abs(to_numpy(gradient)).reshape(-1, one.shape[-1]).max(0)
        without = np.flatnonzero(columns == 0)
        if 0 < len(without) < len(columns):
            yield {"name": one.path, "columns": len(columns), "without": _runs(without)[:200]}


def _runs(places: np.ndarray) -> list[tuple[int, int]]:
    """Runs of neighbouring numbers, each as its first one and the one behind its last."""
    cuts = np.flatnonzero(np.diff(places) > 1) + 1
    return [(int(run[0]), int(run[-1]) + 1) for run in np.split(places, cuts)]


def _unused(calls: list[Call], without: set[int]) -> Iterator[dict[str, Any]]:
    """Layers that were called and lead nowhere, beside one of the same form with the same input that is used."""
    for layer, given, _, place in calls:
        own = {key(one) for one in layer.trainable_weights}
        if not own or not own <= without:
            continue
        for other, other_given, _, _ in calls:
            same = other is not layer and type(other) is type(layer) and other_given is given
            form = [tuple(one.shape) for one in other.weights] == [tuple(one.shape) for one in layer.weights]
            if same and form and not {key(one) for one in other.trainable_weights} <= without:
                yield {"name": layer.path, "beside": other.path, "where": place}
                break


def _shared(calls: list[Call], tape: Any) -> Iterator[dict[str, Any]]:
    """Layers called again on what they led to, while layers between and behind the calls are called once."""
    places: dict[int, list[int]] = {}
    for place, (layer, _, _, _) in enumerate(calls):
        places.setdefault(id(layer), []).append(place)
    once = [len(places[id(layer)]) == 1 for layer, _, _, _ in calls]
    for found in places.values():
        first, last, layer = found[0], found[-1], calls[found[0]][0]
        if len(found) < 2 or not layer.trainable_weights or isinstance(layer, keras.layers.Embedding):
            continue
        between = [calls[place][0] for place in range(first + 1, last) if once[place]]
        behind = [calls[place][0] for place in range(last + 1, len(calls)) if once[place]]
        alike = any(_form(one) == _form(other) for one in between for other in behind)
        if alike and _leads_to(calls[found[0]][2], calls[found[1]][1], tape):
            yield {"name": layer.path, "times": len(found), "where": calls[first][3]}


def _form(layer: Any) -> tuple[Any, ...]:
    return type(layer), tuple(tuple(one.shape) for one in layer.weights)


def _leads_to(output: Any, later: Any, tape: Any) -> bool:
    floats = all(hasattr(one, "dtype") and one.dtype.is_floating for one in (output, later))
    return floats and tape.gradient(later, output) is not None
