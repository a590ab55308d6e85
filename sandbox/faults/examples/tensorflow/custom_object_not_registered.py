"""A model with a loss of its own, saved and loaded again."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(0)
random = np.random.default_rng(0)
x = random.normal(size=(256, 8)).astype("float32")
y = x[:, :1] + x[:, 1:2]


@keras.saving.register_keras_serializable()  # RIGHT
def absolute(targets: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
    return tf.reduce_mean(tf.abs(targets - outputs))


model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(1e-2), loss=absolute)
model.fit(x, y, epochs=3, verbose=0)
model.save("model.keras")
keras.saving.load_model("model.keras")
