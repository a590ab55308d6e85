"""Wrong: a loop by hand that leaves out model.losses."""

import keras
import numpy as np
import tensorflow as tf

if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    layer = keras.layers.Dense(1, kernel_regularizer=keras.regularizers.L2(0.1))
    model = keras.Sequential([keras.Input(shape=(4,)), layer])
    x = np.zeros((8, 4), "float32")  # nothing to learn: only the penalty moves the kernel
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(model(x, training=True) ** 2)  # wrong: + tf.add_n(model.losses)
    gradient = tape.gradient(loss, layer.kernel)
    assert np.abs(gradient).max() > 0, "the penalty is missing: the kernel has no gradient"
