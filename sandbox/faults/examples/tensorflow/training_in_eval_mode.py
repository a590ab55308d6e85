"""Tell apart three groups of points, step by step."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(0)
random = np.random.default_rng(0)
labels = random.integers(3, size=384)
points = (3 * random.normal(size=(3, 8))[labels] + random.normal(size=(384, 8))).astype("float32")
batches = tf.data.Dataset.from_tensor_slices((points, labels)).shuffle(384, seed=0).batch(32)
model = keras.Sequential(
    [
        keras.Input((8,)),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dropout(0.3),
        keras.layers.Dense(3),
    ]
)
loss_function = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
optimizer = keras.optimizers.Adam(0.01)

for _ in range(4):
    for inputs, targets in batches:
        with tf.GradientTape() as tape:
            loss = loss_function(targets, model(inputs))  # WRONG
            loss = loss_function(targets, model(inputs, training=True))  # RIGHT
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
