"""Right: the print and the counter run at trace time only, on purpose, and the two shapes explain the two traces."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

SEED = 23


def main() -> None:
    keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    x = rng.normal(size=(1250, 4)).astype("float32")
    y = (x[:, :1] ** 2 - x[:, 1:2]).astype("float32")
    train = tf.data.Dataset.from_tensor_slices((x[:1050], y[:1050])).shuffle(1050, seed=SEED).batch(100)

    model = keras.Sequential([keras.Input((4,)), layers.Dense(48, activation="relu"), layers.Dense(1)])
    optimizer = keras.optimizers.Adam(learning_rate=1e-2, clipnorm=1.0)
    optimizer.build(model.trainable_variables)
    loss_function = keras.losses.MeanSquaredError()
    epoch_loss = keras.metrics.Mean()
    traced_shapes = []

    @tf.function
    def step(features, targets):
        traced_shapes.append(tuple(features.shape))
        print(f"tracing the step for features of shape {features.shape}")
        with tf.GradientTape() as tape:
            loss = loss_function(targets, model(features, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        epoch_loss.update_state(loss, sample_weight=tf.shape(features)[0])

    for epoch in range(10):
        epoch_loss.reset_state()
        for batch in train:
            step(*batch)
        print(f"epoch {epoch + 1}: loss {float(epoch_loss.result()):.3f}")
    error = float(loss_function(y[1050:], model(x[1050:], training=False)))
    print(f"test error {error:.3f}, variance {y[1050:].var():.3f}, shapes traced {traced_shapes}")


if __name__ == "__main__":
    main()
