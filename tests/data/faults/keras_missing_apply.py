"""Gradients are taken and never applied."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(0)
random = np.random.default_rng(0)
x = random.normal(size=(400, 12)).astype(np.float32)
y = (x[:, 0] + x[:, 1] > 0).astype(np.int64) + (x[:, 2] > 0.5)
train = tf.data.Dataset.from_tensor_slices((x[:300], y[:300])).shuffle(300).batch(32)
test = tf.data.Dataset.from_tensor_slices((x[300:], y[300:])).batch(50)
model = keras.Sequential(
    [
        keras.Input((12,)),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dropout(0.2),
        keras.layers.Dense(3),
    ]
)
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
optimizer = keras.optimizers.Adam(1e-2)


@tf.function
def train_step(inputs: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    with tf.GradientTape() as tape:
        loss = loss_fn(labels, model(inputs, training=True))
    gradients = tape.gradient(loss, model.trainable_variables)
    tf.debugging.check_numerics(gradients[0], "gradient")
    return loss


for epoch in range(3):
    for inputs, labels in train:
        train_step(inputs, labels)
right = 0
for inputs, labels in test:
    answers = tf.argmax(model(inputs, training=False), axis=1)
    right += int(tf.reduce_sum(tf.cast(answers == labels, tf.int32)))
print("accuracy", right / 100)
