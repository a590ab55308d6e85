"""A model that takes the absolute values of a layer."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(0)
random = np.random.default_rng(0)
x = random.normal(size=(256, 8)).astype("float32")
y = x[:, :1] + x[:, 1:2]


class Network(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.hidden = keras.layers.Dense(16)
        self.head = keras.layers.Dense(1)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        hidden = self.hidden(inputs)
        return self.head(np.abs(hidden.numpy()))  # WRONG
        return self.head(tf.abs(hidden))  # RIGHT


model = Network()
model.compile(optimizer=keras.optimizers.Adam(1e-2), loss="mse")
model.fit(x, y, epochs=3, verbose=0)
