"""A training step in half precision, with an optimiser that scales the loss."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(0)
keras.mixed_precision.set_global_policy("mixed_float16")
random = np.random.default_rng(0)
x = tf.constant(random.normal(size=(64, 8)).astype("float32"))
y = tf.reduce_sum(x[:, :2], axis=1, keepdims=True)
model = keras.Sequential(
    [keras.Input((8,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1, dtype="float32")]
)
optimizer = keras.mixed_precision.LossScaleOptimizer(keras.optimizers.Adam(1e-2), initial_scale=1024.0)

for _ in range(10):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(x, training=True) - y))
        scaled = loss  # WRONG
        scaled = optimizer.scale_loss(loss)  # RIGHT
    gradients = tape.gradient(scaled, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
