"""Attention over a short sequence, with a projection each for queries, keys and values."""

import keras
import numpy as np
from keras import layers, ops


class Attention(layers.Layer):
    def __init__(self, width):
        super().__init__()
        self.query, self.key, self.value = (layers.Dense(width) for _ in range(3))

    def call(self, x):  # (batch, positions, width)
        query, value = self.query(x), self.value(x)
        key = self.query(x)  # WRONG
        key = self.key(x)  # RIGHT
        scores = ops.matmul(query, ops.transpose(key, (0, 2, 1))) / query.shape[-1] ** 0.5
        return ops.matmul(ops.softmax(scores), value)


keras.utils.set_random_seed(0)
random = np.random.default_rng(0)
x = random.normal(size=(256, 6, 8)).astype("float32")
y = (x[:, :, :1].max(1) > 1).astype("float32")

inputs = keras.Input((6, 8))
pooled = layers.GlobalAveragePooling1D()(Attention(8)(inputs))
model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(layers.Dense(16, activation="relu")(pooled)))
model.compile(optimizer=keras.optimizers.Adam(1e-2), loss="binary_crossentropy")
model.fit(x, y, epochs=3, verbose=0)
