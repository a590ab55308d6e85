"""A loop with a tape that follows its loss in a metric, epoch by epoch."""

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
mean_loss = keras.metrics.Mean(name="loss")

for epoch in range(5):
    mean_loss.reset_state()  # RIGHT
    for inputs, targets in data:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(model(inputs, training=True) - targets))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        mean_loss.update_state(loss)
    print(epoch, float(mean_loss.result()))
