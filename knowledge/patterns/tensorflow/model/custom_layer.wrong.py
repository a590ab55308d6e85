"""Wrong: a tf.Variable as the weight of a Keras 3 layer."""

import keras
import numpy as np
import tensorflow as tf


class Scale(keras.layers.Layer):
    """Multiply by one number that was meant to be learned."""

    def __init__(self) -> None:
        super().__init__()
        self.factor = tf.Variable(1.0)

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return x * self.factor


if __name__ == "__main__":
    layer = Scale()
    layer(np.ones((1, 3), dtype="float32"))
    assert len(layer.trainable_variables) == 1, "the weight is not tracked: it will be neither trained nor saved"
