"""Wrong: a layer made inside the function that is traced."""

import keras
import tensorflow as tf


@tf.function
def predict(x: tf.Tensor) -> tf.Tensor:
    """(N, 3) to (N, 1)."""
    return keras.layers.Dense(1)(x)  # wrong: make the layer outside


predict(tf.ones((4, 3)))
