"""A traced training step that is told its number."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(0)
random = np.random.default_rng(0)
x = random.normal(size=(256, 8)).astype("float32")
y = x[:, :1] + x[:, 1:2]

model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1)])
optimizer = keras.optimizers.Adam(1e-2)
optimizer.build(model.trainable_variables)


@tf.function
def step(inputs: tf.Tensor, targets: tf.Tensor, number: int | tf.Tensor) -> tf.Tensor:
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(inputs, training=True) - targets))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss / (1.0 + tf.cast(number, tf.float32))


for number in range(12):
    step(tf.constant(x), tf.constant(y), number)  # WRONG
    step(tf.constant(x), tf.constant(y), tf.constant(number))  # RIGHT
