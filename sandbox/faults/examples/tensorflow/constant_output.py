"""Tell points with a positive sum from the others."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
points = np.random.default_rng(0).normal(size=(384, 8)).astype("float32")
labels = (points.sum(axis=1, keepdims=True) > 0).astype("float32")
model = keras.Sequential(
    [
        keras.Input((8,)),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(1, activation="softmax"),  # WRONG
        keras.layers.Dense(1, activation="sigmoid"),  # RIGHT
    ]
)
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy")
model.fit(points, labels, batch_size=32, epochs=4, verbose=0)
