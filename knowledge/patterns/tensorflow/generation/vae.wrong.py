"""Wrong: noise drawn while the model is put together; it is a constant from then on."""

import keras
import numpy as np
from keras import ops

images = keras.Input((64,))
mean, log_variance = keras.layers.Dense(8)(images), keras.layers.Dense(8)(images)
noise = keras.random.normal((8,))  # wrong: inside of a layer's call(), with a SeedGenerator
model = keras.Model(images, mean + ops.exp(0.5 * log_variance) * noise)
x = np.ones((4, 64), "float32")
change = np.abs(np.asarray(model(x)) - np.asarray(model(x))).max()
assert change > 0, "the noise is a constant: two calls gave the same codes"
