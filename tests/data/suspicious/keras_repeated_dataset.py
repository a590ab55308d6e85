"""Right: the training data repeat without end, and steps_per_epoch says where an epoch stops."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

SEED = 16


def main() -> None:
    keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    x = rng.normal(size=(1300, 6)).astype("float32")
    y = np.argmax(x[:, :3] + 0.5 * x[:, 3:] ** 2, axis=1).astype("int32")

    train = tf.data.Dataset.from_tensor_slices((x[:1000], y[:1000]))
    train = train.shuffle(1000, seed=SEED).repeat().batch(50).prefetch(tf.data.AUTOTUNE)
    test = tf.data.Dataset.from_tensor_slices((x[1000:], y[1000:])).batch(100)

    model = keras.Sequential([keras.Input((6,)), layers.Dense(48, activation="relu"), layers.Dense(3)])
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=1e-2),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(train, steps_per_epoch=20, epochs=8, validation_data=test, shuffle=False, verbose=2)
    print(f"accuracy {model.evaluate(test, return_dict=True, verbose=0)['accuracy']:.3f}")


if __name__ == "__main__":
    main()
