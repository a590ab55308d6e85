"""Call a Keras model that a file only defines, so that it can be looked at: once forward and once backward.

Runs inside the jail. What is called is, in this order: an instance that the file made, what a function of the file
builds, a class of the file with guessed sizes.
"""

import inspect
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from observe.signature import Undecided, construct

ROWS = 4
FREE = 32
"""For an axis of the input that is not fixed."""
IDS = 10
BUILDS = ("build", "make", "create", "model", "net")
"""Words in the names of functions that build a model."""


def call_what_is_defined(main: ModuleType, shape: list[int] | None) -> dict[str, Any]:
    """What was called and with what, or the reason why nothing could be."""
    try:
        model, told = _model(main)
        inputs = _inputs(model, shape)
        with tf.GradientTape() as tape:
            output = model(inputs, training=True)
            loss = sum(
                tf.reduce_sum(one * tf.random.normal(tf.shape(one), dtype=one.dtype)) for one in tf.nest.flatten(output)
            )
        tape.gradient(loss, [one.value for one in model.trainable_variables])
    except Exception as error:
        return {"reason": f"{type(error).__name__}: {error}"[:300] if not isinstance(error, Undecided) else str(error)}
    return {"class_name": type(model).__name__, **told}


def _model(main: ModuleType) -> tuple[keras.Model, dict[str, Any]]:
    own = [value for value in vars(main).values() if isinstance(value, keras.Model)]
    if own:
        return own[-1], {"arguments": "the file's own instance"}
    reasons = []
    for build in _builders(main):
        try:
            model, guesses = construct(build)
        except Exception as error:
            reasons.append(f"{build.__name__}: {error}")
            continue
        if isinstance(model, keras.Model):
            return model, {"arguments": guesses}
    raise Undecided(
        f"no model could be made ({reasons[-1]}); make one in the file" if reasons else "the file defines no model"
    )


def _builders(main: ModuleType) -> Iterator[Any]:
    """Functions named like one that builds, then classes, the last of each first."""
    values = [value for value in reversed(vars(main).values()) if getattr(value, "__module__", None) == main.__name__]
    for value in values:
        if isinstance(value, FunctionType) and any(
            word in value.__name__ for word in ("build", "make", "create", "model", "net")
        ):
            yield value
    for value in values:
        if inspect.isclass(value) and issubclass(value, keras.Model):
            yield value


def _inputs(model: keras.Model, shape: list[int] | None) -> Any:
    if shape is not None:
        return tf.constant(np.random.default_rng(0).normal(size=(ROWS, *shape)), tf.float32)
    if not model.built or not getattr(model, "inputs", None):
        raise Undecided(f"{type(model).__name__} does not say what its input is; give it with --shape")
    made = [_filled(one) for one in model.inputs]
    return made[0] if len(made) == 1 else made


def _filled(symbol: Any) -> Any:
    sizes = [ROWS, *(FREE if size is None else size for size in symbol.shape[1:])]
    random = np.random.default_rng(0)
    if "int" in symbol.dtype:
        return tf.constant(random.integers(0, IDS, sizes), symbol.dtype)
    return tf.constant(random.normal(size=sizes), symbol.dtype)
