"""Tell apart three groups of points that are stored group by group, a part of them held out by fit."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
labels = rng.integers(0, 3, 480)
points = (3 * rng.normal(size=(3, 8))[labels] + rng.normal(size=(480, 8))).astype("float32")
order = labels.argsort()
points, labels = points[order], labels[order]
order = rng.permutation(480)  # RIGHT
points, labels = points[order], labels[order]  # RIGHT
model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(3)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss, metrics=["accuracy"])
model.fit(points, labels, epochs=5, validation_split=0.2, verbose=0)
