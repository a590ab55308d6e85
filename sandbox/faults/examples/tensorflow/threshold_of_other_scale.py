"""A binary classifier that answers logits, with its recall."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
random = np.random.default_rng(0)
x = random.normal(size=(256, 8)).astype("float32")
y = (x[:, :1] + x[:, 1:2] > 0).astype("float32")

model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1)])
recall = keras.metrics.Recall(name="recall")  # WRONG
recall = keras.metrics.Recall(name="recall", thresholds=0.0)  # RIGHT
loss = keras.losses.BinaryCrossentropy(from_logits=True)
model.compile(optimizer=keras.optimizers.Adam(1e-2), loss=loss, metrics=[recall])
model.fit(x, y, epochs=3, verbose=0)
