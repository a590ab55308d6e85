"""Wrong: a hand-written float16 step that does not scale the loss."""

import keras
import numpy as np
import tensorflow as tf

if __name__ == "__main__":
    keras.config.set_dtype_policy("mixed_float16")
    model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(8), keras.layers.Dense(1, dtype="float32")])
    x = np.ones((16, 4), dtype="float32")
    with tf.GradientTape() as tape:
        loss = 1e-9 * tf.reduce_mean(model(x) ** 2)  # small gradients, as late in a training
    gradient = tape.gradient(loss, model.trainable_variables)[0]
    assert loss == 0 or np.abs(gradient).max() > 0, "the gradients are zero, though the loss is not"
