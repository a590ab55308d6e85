"""A loop with a tape that logs the loss of each batch for TensorBoard."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(0)
random = np.random.default_rng(0)
x = random.normal(size=(256, 8)).astype("float32")
y = x @ random.normal(size=(8, 1)).astype("float32")
data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(256, seed=0).batch(32)

model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1)])
optimizer = keras.optimizers.Adam(1e-2)
writer = tf.summary.create_file_writer("logs")

for epoch in range(5):
    for batch, (inputs, targets) in enumerate(data):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(model(inputs, training=True) - targets))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        with writer.as_default():
            tf.summary.scalar("loss", loss, step=batch)  # WRONG
            tf.summary.scalar("loss", loss, step=epoch * len(data) + batch)  # RIGHT
writer.close()
