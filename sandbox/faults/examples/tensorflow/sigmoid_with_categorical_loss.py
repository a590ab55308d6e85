"""Tell apart three groups of points."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
labels = rng.integers(0, 3, 384)
points = (3 * rng.normal(size=(3, 8))[labels] + rng.normal(size=(384, 8))).astype("float32")
model = keras.Sequential(
    [
        keras.Input((8,)),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(3, activation="sigmoid"),  # WRONG
        keras.layers.Dense(3, activation="softmax"),  # RIGHT
    ]
)
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy")
model.fit(points, labels, batch_size=32, epochs=4, verbose=0)
