"""Wrong: the model is called without training=True in the loop."""

import keras
import numpy as np
import tensorflow as tf

if __name__ == "__main__":
    x = np.random.default_rng(0).normal(5, 2, size=(64, 4)).astype("float32")
    norm = keras.layers.BatchNormalization()
    model = keras.Sequential([keras.Input(shape=(4,)), norm, keras.layers.Dense(1)])
    optimizer = keras.optimizers.Adam(0.01)
    for _ in range(20):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(x) - x[:, :1]) ** 2)
        optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
    assert np.abs(norm.moving_mean).max() > 0, "batch normalisation has not moved: its mean is 0, the data's is 5"
