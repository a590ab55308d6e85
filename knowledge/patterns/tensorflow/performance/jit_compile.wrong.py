"""Wrong: a print inside a loss, in a step that is compiled with XLA."""

import keras
import numpy as np
import tensorflow as tf


def loud_loss(y: tf.Tensor, prediction: tf.Tensor) -> tf.Tensor:
    """Mean squared error that says what it sees."""
    tf.print("largest error", tf.reduce_max(tf.abs(y - prediction)))  # wrong: a metric
    return tf.reduce_mean((y - prediction) ** 2, axis=-1)


if __name__ == "__main__":
    model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss=loud_loss, jit_compile=True)
    model.fit(np.ones((8, 3)), np.ones((8, 1)), verbose=0)
