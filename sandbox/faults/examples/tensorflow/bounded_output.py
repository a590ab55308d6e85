"""Predict a value that is negative for about half of the samples."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
points = rng.normal(size=(384, 8)).astype("float32")
targets = points[:, :1] - points[:, 1:2] + 0.1 * rng.normal(size=(384, 1)).astype("float32")
model = keras.Sequential(
    [
        keras.Input((8,)),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(1, activation="relu"),  # WRONG
        keras.layers.Dense(1),  # RIGHT
    ]
)
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mean_squared_error")
model.fit(points, targets, batch_size=32, epochs=4, verbose=0)
