"""Learn a sum of three numbers."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
x = np.random.default_rng(0).normal(size=(256, 3)).astype("float32")
y = x.sum(axis=1, keepdims=True)
body = keras.layers.LayerNormalization()
body.trainble = False  # WRONG
body.trainable = False  # RIGHT
model = keras.Sequential([keras.Input((3,)), body, keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.SGD(0.05), loss="mse")
model.fit(x, y, batch_size=32, epochs=4, verbose=0)
