"""A small model of two layers, called in a loop with a tape."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(0)
random = np.random.default_rng(0)
x = tf.constant(random.normal(size=(64, 8)).astype("float32"))
y = tf.reduce_sum(x[:, :2], axis=1, keepdims=True)


class Network(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.hidden = keras.layers.Dense(16, activation="relu")  # RIGHT
        self.head = keras.layers.Dense(1)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return self.head(keras.layers.Dense(16, activation="relu")(inputs))  # WRONG
        return self.head(self.hidden(inputs))  # RIGHT


model, optimizer = Network(), keras.optimizers.Adam(1e-2)
for _ in range(10):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(x, training=True) - y))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
