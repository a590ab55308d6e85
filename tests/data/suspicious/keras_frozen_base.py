"""Right: the pre-trained base is frozen before compile and called in inference mode; only the new head learns."""

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

SEED = 3


def pretrain(x: np.ndarray, y: np.ndarray) -> keras.Model:
    """A feature extractor from the digits 0 to 4."""
    base = keras.Sequential(
        [
            keras.Input((64,)),
            layers.Dense(64, use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.Activation("relu"),
            layers.Dense(32, activation="relu"),
        ],
        name="base",
    )
    model = keras.Sequential([base, layers.Dense(5)])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(x, y, batch_size=64, epochs=8, verbose=0)
    return base


def main() -> None:
    keras.utils.set_random_seed(SEED)
    x, y = load_digits(return_X_y=True)
    x = (x / 16.0).astype("float32")
    base = pretrain(x[y < 5], y[y < 5])

    base.trainable = False
    inputs = keras.Input((64,))
    outputs = layers.Dense(5)(base(inputs, training=False))
    model = keras.Model(inputs, outputs)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=1e-2),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    images, labels = x[y >= 5], y[y >= 5] - 5
    model.fit(images[:600], labels[:600], batch_size=32, epochs=8, verbose=2)
    scores = model.evaluate(images[600:], labels[600:], return_dict=True, verbose=0)
    print(f"test accuracy {scores['accuracy']:.3f}")


if __name__ == "__main__":
    main()
