"""Predict a synthetic house value from 6 features, with a loop of its own."""

import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import make_friedman1
from sklearn.model_selection import train_test_split


class ValueModel(keras.Model):
    """(batch, 6) -> (batch, 1)."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden1 = keras.layers.Dense(64, activation="relu")
        self.hidden2 = keras.layers.Dense(64, activation="relu")
        self.out = keras.layers.Dense(1)

    def call(self, x):
        return self.out(self.hidden2(self.hidden1(x)))


def main() -> None:
    keras.utils.set_random_seed(0)
    x, y = make_friedman1(n_samples=700, n_features=6, noise=0.3, random_state=0)
    y = (y - y.mean()) / y.std()
    x_train, x_test, y_train, y_test = train_test_split(
        x.astype("float32"), y.astype("float32"), test_size=0.2, random_state=0
    )
    train = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(600, seed=0).batch(35)
    test = tf.data.Dataset.from_tensor_slices((x_test, y_test)).batch(70)

    model = ValueModel()
    optimizer = keras.optimizers.Adam(3e-3)
    for epoch in range(8):
        losses = []
        for features, value in train:
            with tf.GradientTape() as tape:
                prediction = tf.squeeze(model(features, training=True), axis=1)
                loss = tf.reduce_mean(tf.square(prediction - value))
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
            losses.append(float(loss))
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.4f}")

    errors = [np.square(np.squeeze(model(features, training=False), 1) - value) for features, value in test]
    print(f"test MSE: {np.concatenate(errors).mean():.4f}")


if __name__ == "__main__":
    main()
