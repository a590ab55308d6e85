"""A functional model that squares what its first layer answers."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(0)
random = np.random.default_rng(0)
x = random.normal(size=(256, 8)).astype("float32")
y = x[:, :1] + x[:, 1:2]

inputs = keras.Input((8,))
hidden = keras.layers.Dense(16, activation="relu")(inputs)
hidden = tf.square(hidden)  # WRONG
hidden = keras.ops.square(hidden)  # RIGHT
model = keras.Model(inputs, keras.layers.Dense(1)(hidden))
model.compile(optimizer=keras.optimizers.Adam(1e-2), loss="mse")
model.fit(x, y, epochs=3, verbose=0)
