"""A regression model that is exported for serving."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
random = np.random.default_rng(0)
x = random.normal(size=(256, 8)).astype("float32")
y = x @ random.normal(size=(8, 1)).astype("float32") + np.abs(x[:, :1])

model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1)])
model.compile(keras.optimizers.Adam(1e-2), "mse")
model.fit(x, y, batch_size=32, epochs=10, verbose=0)

rows = 32  # WRONG
rows = None  # RIGHT
model.export("exported", input_signature=[keras.InputSpec(shape=(rows, 8), dtype="float32")], verbose=False)
