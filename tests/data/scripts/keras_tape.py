"""A custom loop: traced train and test steps over tf.data, losses and metrics called by hand."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(0)


def make_data(rows: int, seed: int) -> tf.data.Dataset:
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, 10)).astype(np.float32)
    y = (x[:, 0] + x[:, 1] > 0).astype(np.int64) + (x[:, 2] > 0.5)
    return tf.data.Dataset.from_tensor_slices((x, y))


class Network(keras.Model):
    def __init__(self, classes: int) -> None:
        super().__init__()
        self.hidden = keras.layers.Dense(32, activation="relu")
        self.dropout = keras.layers.Dropout(0.1)
        self.head = keras.layers.Dense(classes)

    def call(self, x: tf.Tensor, training: bool = False) -> tf.Tensor:
        return self.head(self.dropout(self.hidden(x), training=training))


model = Network(3)
optimizer = keras.optimizers.Adam(1e-2)
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
accuracy = keras.metrics.SparseCategoricalAccuracy()


@tf.function
def train_step(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


@tf.function
def test_step(x: tf.Tensor, y: tf.Tensor) -> None:
    accuracy.update_state(y, model(x, training=False))


train = make_data(600, 0).shuffle(600).batch(32)
test = make_data(200, 1).batch(64)
for epoch in range(4):
    for x, y in train:
        train_step(x, y)
for x, y in test:
    test_step(x, y)
print("accuracy", float(accuracy.result()))
