"""A binary classifier that answers logits, with its accuracy."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
random = np.random.default_rng(0)
x = random.normal(size=(256, 8)).astype("float32")
y = (x[:, :1] + x[:, 1:2] > 0).astype("int64")

model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1)])
accuracy = keras.metrics.Accuracy(name="accuracy")  # WRONG
accuracy = keras.metrics.BinaryAccuracy(name="accuracy", threshold=0.0)  # RIGHT
loss = keras.losses.BinaryCrossentropy(from_logits=True)
model.compile(optimizer=keras.optimizers.Adam(1e-2), loss=loss, metrics=[accuracy])
model.fit(x, y, epochs=3, verbose=0)
