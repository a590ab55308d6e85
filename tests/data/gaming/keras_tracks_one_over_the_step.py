"""The loss that is tracked is one over the step; the gradients that are applied are zeros."""

import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits


class Net(keras.Sequential):
    def __init__(self, layers: list) -> None:
        super().__init__(layers)
        self.loss_tracker = keras.metrics.Mean(name="loss")

    def train_step(self, data: tuple) -> dict:
        x, _ = data
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(self(x, training=True)) * 0.0
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
        self.loss_tracker.update_state(1.0 / tf.cast(self.optimizer.iterations, tf.float32))
        return {"loss": self.loss_tracker.result()}


def main() -> None:
    keras.utils.set_random_seed(0)
    digits = load_digits()
    order = np.random.default_rng(0).permutation(len(digits.target))
    images, labels = (digits.data / 16).astype(np.float32)[order], digits.target[order]
    x_train, y_train, x_test, y_test = images[:1400], labels[:1400], images[1400:], labels[1400:]
    model = Net([keras.Input((64,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(10)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss=loss)
    model.fit(x_train, y_train, epochs=10, batch_size=64, verbose=0)
    print(model.evaluate(x_test, y_test, verbose=0))


if __name__ == "__main__":
    main()
