"""Wrong: a loop of one's own that calls the model without training=True."""

import keras
import numpy as np
import tensorflow as tf

x = np.random.default_rng(0).normal(loc=5, size=(64, 4)).astype("float32")
model = keras.Sequential([keras.Input((4,)), keras.layers.BatchNormalization(), keras.layers.Dense(1)])
optimizer = keras.optimizers.SGD(1e-3)
for _ in range(100):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(x) - x.sum(axis=1, keepdims=True)))  # wrong: model(x, training=True)
    optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
mean = np.asarray(model.layers[0].moving_mean)
assert mean.any(), f"the moving averages were never updated: {mean.tolist()}, and the data's mean is 5"
