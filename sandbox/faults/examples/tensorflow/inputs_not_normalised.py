"""Tell apart three groups of points, one coordinate of which is in other units than the rest."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
labels = rng.integers(0, 3, 480)
points = (3 * rng.normal(size=(3, 8))[labels] + rng.normal(size=(480, 8))).astype("float32")
points[:, 0] = 1000 + 50 * points[:, 0]
points = (points - points[:384].mean(axis=0)) / points[:384].std(axis=0)  # RIGHT
model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(3)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss, metrics=["accuracy"])
model.fit(points[:384], labels[:384], epochs=5, verbose=0)
print(model.evaluate(points[384:], labels[384:], verbose=0))
