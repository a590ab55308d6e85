"""The short training of a copy of a Keras model. Runs inside the jail."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from observe.keras.calls import first_tensor, to_numpy
from observe.trial import ROWS, trial


def learns(subject: Any) -> dict[str, Any]:
    """In evaluation mode; the model itself is trained, and gets its values back afterwards."""
    model = subject.module
    batch = tf.nest.map_structure(lambda value: value[:ROWS], subject.batch)
    answers = to_numpy(first_tensor(model(batch, training=False)))
    kept = [one.numpy() for one in model.weights]

    def begin(targets: np.ndarray, rate: float) -> Callable[[], float]:
        for one, value in zip(model.weights, kept, strict=True):
            one.assign(value)
        optimizer, wanted = keras.optimizers.Adam(rate), tf.constant(targets)
        optimizer.build(model.trainable_variables)

        @tf.function(autograph=False)
        def step() -> Any:
            with tf.GradientTape() as tape:
                output = first_tensor(model(batch, training=False))
                loss = tf.reduce_mean(tf.square(tf.cast(output, wanted.dtype) - wanted))
            optimizer.apply(tape.gradient(loss, [one.value for one in model.trainable_variables]))
            return loss

        return lambda: float(step())

    try:
        return trial(answers, begin)
    finally:
        for one, value in zip(model.weights, kept, strict=True):
            one.assign(value)
