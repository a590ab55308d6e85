"""Tell apart three groups of points."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
labels = rng.integers(0, 3, 384)
points = (3 * rng.normal(size=(3, 8))[labels] + rng.normal(size=(384, 8))).astype("float32")
one_hot = keras.utils.to_categorical(labels, 3)
model = keras.Sequential(
    [
        keras.Input((8,)),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(3, activation="softmax"),
    ]
)
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mean_squared_error")  # WRONG
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="categorical_crossentropy")  # RIGHT
model.fit(points, one_hot, batch_size=32, epochs=4, verbose=0)
