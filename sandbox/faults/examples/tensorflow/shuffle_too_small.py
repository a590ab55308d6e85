"""Tell apart three groups of points, all of which the shuffle buffer holds."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
labels = rng.integers(0, 3, 480)
points = (3 * rng.normal(size=(3, 8))[labels] + rng.normal(size=(480, 8))).astype("float32")
train = tf.data.Dataset.from_tensor_slices((points[:384], labels[:384]))
train = train.shuffle(8, seed=0).batch(32)  # WRONG
train = train.shuffle(384, seed=0).batch(32)  # RIGHT
model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(3)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss, metrics=["accuracy"])
model.fit(train, epochs=5, verbose=0)
print(model.evaluate(points[384:], labels[384:], verbose=0))
