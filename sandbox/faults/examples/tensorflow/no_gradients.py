"""Learn a sum of three numbers, step by step."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(0)
x = np.random.default_rng(0).normal(size=(256, 3)).astype("float32")
y = x.sum(axis=1, keepdims=True)
batches = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(256, seed=0).batch(32)
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1)])
optimizer = keras.optimizers.SGD(0.05)

for _ in range(4):
    for inputs, targets in batches:
        answer = model(inputs, training=True)  # WRONG
        with tf.GradientTape() as tape:
            answer = model(inputs, training=True)  # RIGHT
            loss = tf.reduce_mean(tf.square(answer - targets))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
