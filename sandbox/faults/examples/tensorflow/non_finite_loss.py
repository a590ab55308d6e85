"""Fit the logarithm of positive numbers."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
x = np.random.default_rng(0).normal(size=(256, 3)).astype("float32")
y = np.log(np.exp(x).sum(axis=1, keepdims=True))
model = keras.Sequential(
    [
        keras.Input((3,)),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(1),  # WRONG
        keras.layers.Dense(1, activation="softplus"),  # RIGHT
    ]
)


def log_error(wanted, given):
    given = given + 1e-6  # RIGHT
    return keras.ops.mean(keras.ops.square(keras.ops.log(given) - wanted))


model.compile(optimizer=keras.optimizers.Adam(0.01), loss=log_error)
model.fit(x, y, batch_size=32, epochs=4, verbose=0)
