"""One pass of a trained Keras model, layer by layer: which are called, which are off or dead, and what is cut off.

Runs inside the jail. What the pass changes, such as moving averages, is put back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from observe.keras.calls import first_tensor, to_numpy
from observe.keras.subject import state_kept
from observe.record import user_frame

MOST_CALLS = 600
DROPS = ("Dropout", "GaussianNoise", "GaussianDropout", "AlphaDropout", "SpatialDropout1D", "SpatialDropout2D")


def layers(subject: Any) -> dict[str, Any]:
    """Figures of a call in evaluation and of one in training."""
    with _watched_layers() as evaluated:
        subject()
    with state_kept(subject.module), _watched_layers() as trained, _watched_stops() as stops:
        connected = _connected(subject)
    called = {id(layer) for layer, _, _, _ in trained}
    own = [one for one in subject.module._flatten_layers() if one._trainable_variables]
    weights = {weight.path: id(layer) in called for layer in own for weight in layer._trainable_variables}
    return {
        "unconnected": [name for name, found in connected.items() if not found][:100],
        "uncalled": [name for name, found in weights.items() if not found][:100],
        "stops": stops[:20],
        "off": _drops(trained, False),
        "on": _drops(evaluated, True),
        "dead": list(_dead(evaluated)),
        "repeated": [*_repeated(subject.module), *_chained(evaluated)][:20],
    }


Call = tuple[Any, Any, Any, Any]
"""(layer, input, output, place)"""


@contextmanager
def _watched_layers() -> Iterator[list[Call]]:
    seen: list[Call] = []
    original = keras.layers.Layer.__call__

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        output = original(layer, *args, **kwargs)
        if len(seen) < MOST_CALLS:
            given = first_tensor(args[0] if args else list(kwargs.values()))
            seen.append((layer, given, first_tensor(output), user_frame()))
        return output

    keras.layers.Layer.__call__ = call
    try:
        yield seen
    finally:
        keras.layers.Layer.__call__ = original


@contextmanager
def _watched_stops() -> Iterator[list[Any]]:
    """Places in the program that stop gradients."""
    places: list[Any] = []
    owners = [(tf, tf.stop_gradient), (keras.ops, keras.ops.stop_gradient)]

    def watching(original: Any) -> Any:
        def stop(*args: Any, **kwargs: Any) -> Any:
            places.append(user_frame())
            return original(*args, **kwargs)

        return stop

    for owner, original in owners:
        owner.stop_gradient = watching(original)
    try:
        yield places
    finally:
        for owner, original in owners:
            owner.stop_gradient = original


def _connected(subject: Any) -> dict[str, bool]:
    """Whether the outputs of a call in training can be differentiated with respect to each trainable weight."""
    weights = subject.module.trainable_weights
    with tf.GradientTape() as tape:
        outputs = [one for one in tf.nest.flatten(subject.module(subject.batch, training=True)) if _is_float(one)]
        total = tf.add_n([tf.reduce_sum(tf.cast(one, tf.float32)) for one in outputs])
    gradients = tape.gradient(total, [one.value for one in weights])
    return {one.path: gradient is not None for one, gradient in zip(weights, gradients, strict=True)}


def _is_float(value: Any) -> bool:
    return hasattr(value, "dtype") and value.dtype.is_floating


def _drops(calls: list[Call], on: bool) -> list[dict[str, Any]]:
    """Layers that drop or disturb values, and did (on) or did not (off) in these calls."""
    found = []
    for layer, given, output, place in calls:
        rate = getattr(layer, "rate", None) or getattr(layer, "stddev", None) or 0.0
        if type(layer).__name__ not in DROPS or not rate or given is None or output is None or not len(given):
            continue
        before = to_numpy(given)
        if before.any() and bool(np.array_equal(before, to_numpy(output))) != on:  # zeros stay zeros either way
            found.append({"name": layer.name, "where": place})
    return found[:20]


def _dead(calls: list[Call]) -> Iterator[dict[str, Any]]:
    """Layers with a ReLU, and the share of their units that answer zero to each sample and at each place."""
    for layer, _, output, place in calls:
        activation = getattr(getattr(layer, "activation", None), "__name__", None)
        if activation != "relu" and type(layer).__name__ != "ReLU":
            continue
        values = to_numpy(output)
        if values.ndim < 2 or len(values) < 8 or values.shape[-1] < 4:
            continue
        dead = (values.reshape(-1, values.shape[-1]) == 0).all(axis=0)
        yield {"name": layer.name, "where": place, "dead": int(dead.sum()), "units": len(dead)}


def _repeated(module: Any) -> Iterator[dict[str, Any]]:
    """Layers with weights that one list of the program's own layers holds more than once."""
    for layer in module._flatten_layers():
        if type(layer).__module__.startswith("keras."):
            continue
        for name, value in vars(layer).items():
            held = list(value) if isinstance(value, (list, tuple)) and not name.startswith("_") else []
            twice = [one for one in held if isinstance(one, keras.layers.Layer) and one.trainable_weights]
            if len({id(one) for one in twice}) < len(twice):
                yield {"name": f"{type(layer).__name__}.{name}", "times": len(twice), "where": None}


def _chained(calls: list[Call]) -> Iterator[dict[str, Any]]:
    """A layer with weights that is given its own output."""
    outputs = {id(output): layer for layer, _, output, _ in calls if output is not None}
    for layer, given, _, place in calls:
        if outputs.get(id(given)) is layer and layer.trainable_weights:
            yield {"name": layer.name, "times": 2, "where": place}
