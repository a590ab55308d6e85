"""Tell apart three groups of points; those to train on are moved a little at random."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
labels = rng.integers(0, 3, 480)
points = (3 * rng.normal(size=(3, 8))[labels] + rng.normal(size=(480, 8))).astype("float32")


noise = keras.layers.GaussianNoise(0.3)


def moved(x: tf.Tensor, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    return noise(x, training=True), y


train = tf.data.Dataset.from_tensor_slices((points[:384], labels[:384]))
train = train.map(moved).shuffle(384, seed=0).batch(32)
test = tf.data.Dataset.from_tensor_slices((points[384:], labels[384:]))
test = test.map(moved)  # WRONG
test = test.batch(32)
model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(3)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss, metrics=["accuracy"])
model.fit(train, epochs=5, verbose=0)
print(model.evaluate(test, verbose=0))
