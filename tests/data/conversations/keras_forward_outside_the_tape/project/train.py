"""Regression on the diabetes data with a training loop of its own."""

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from tensorflow import keras

BATCH_SIZE, EPOCHS = 32, 15


def make_datasets() -> tuple[tf.data.Dataset, tf.data.Dataset]:
    x, y = load_diabetes(return_X_y=True)
    x = (x / x.std(axis=0)).astype(np.float32)
    y = ((y - y.mean()) / y.std()).astype(np.float32)[:, None]  # (samples, 1), as the model answers
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, random_state=0)
    train = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(400, seed=0).batch(BATCH_SIZE)
    return train, tf.data.Dataset.from_tensor_slices((x_test, y_test)).batch(BATCH_SIZE)


def main() -> None:
    keras.utils.set_random_seed(0)
    train, test = make_datasets()
    model = keras.Sequential(
        [keras.layers.Input((10,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1)]
    )
    loss_fn = keras.losses.MeanSquaredError()
    optimizer = keras.optimizers.Adam(learning_rate=5e-3)

    @tf.function
    def train_step(x, y):
        with tf.GradientTape() as tape:
            prediction = model(x, training=True)
            loss = loss_fn(y, prediction)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    for epoch in range(EPOCHS):
        losses = [float(train_step(x, y)) for x, y in train]
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.4f}")

    errors = [np.square(y - model(x, training=False)) for x, y in test]
    print(f"test MSE {np.concatenate(errors).mean():.4f}")


if __name__ == "__main__":
    main()
