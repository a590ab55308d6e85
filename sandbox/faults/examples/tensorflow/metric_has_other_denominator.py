"""Tell three clouds of points apart, and count how often that is right."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(0)
random = np.random.default_rng(0)
labels = random.integers(0, 3, 700)
points = (random.normal(size=(700, 6)) + 1.2 * np.eye(6)[labels]).astype("float32")
train = tf.data.Dataset.from_tensor_slices((points[:500], labels[:500])).shuffle(500).batch(50)
test = tf.data.Dataset.from_tensor_slices((points[500:], labels[500:])).batch(40)
model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(3)])
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
optimizer = keras.optimizers.Adam(0.01)

for epoch in range(4):
    for x, y in train:
        with tf.GradientTape() as tape:
            loss = loss_fn(y, model(x, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    correct = 0
    for x, y in test:
        correct += int(tf.reduce_sum(tf.cast(tf.argmax(model(x, training=False), 1) == y, tf.int32)))
    accuracy = correct / len(test)  # WRONG
    accuracy = correct / 200  # RIGHT
    print(f"epoch {epoch}: accuracy {accuracy:.4f}")
