"""Wrong: the scope is around the call; the layer was made outside, and keeps everything."""

import keras
import numpy as np
import tensorflow as tf


class Block(keras.layers.Layer):
    """A dense layer that counts how often it is computed."""

    def __init__(self) -> None:
        super().__init__()
        self.dense, self.computed = keras.layers.Dense(8), 0

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        self.computed += 1
        return self.dense(x)


x = np.ones((2, 8), "float32")
block = Block()  # wrong: this belongs into the scope
block(x)  # builds the weights
block.computed = 0
with keras.RematScope(mode="full"), tf.GradientTape() as tape:
    loss = tf.reduce_sum(block(x))
tape.gradient(loss, [weight.value for weight in block.trainable_variables])
assert block.computed == 2, f"nothing is recomputed: the block was computed {block.computed} time"
