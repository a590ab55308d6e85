"""Fine-tuning in two stages: first the head alone, then the whole model."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
random = np.random.default_rng(0)
x = random.normal(size=(256, 8)).astype("float32")
y = (x[:, 0] > x[:, 1]).astype("int64")

base = keras.Sequential([keras.Input((8,)), keras.layers.Dense(16, activation="relu")])
model = keras.Sequential([base, keras.layers.Dense(2)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizer=keras.optimizers.Adam(1e-2), loss=loss)
model.fit(x, y, epochs=2, verbose=0)

base.trainable = False
model.compile(optimizer=keras.optimizers.Adam(1e-2), loss=loss)  # RIGHT
model.fit(x, y, epochs=2, verbose=0)
