"""A small regression with the shape of its input."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
random = np.random.default_rng(0)
x = random.normal(size=(256, 8)).astype("float32")
y = x[:, :1] + x[:, 1:2]

model = keras.Sequential(
    [
        keras.layers.Dense(16, activation="relu", input_shape=(8,)),  # WRONG
        keras.Input((8,)),  # RIGHT
        keras.layers.Dense(16, activation="relu"),  # RIGHT
        keras.layers.Dense(1),
    ]
)
model.compile(optimizer=keras.optimizers.Adam(1e-2), loss="mse")
model.fit(x, y, epochs=3, verbose=0)
