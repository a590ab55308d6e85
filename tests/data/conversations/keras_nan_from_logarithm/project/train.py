"""An autoencoder for images of bars with a pixel-wise cross-entropy of its own."""

import keras
import numpy as np
from keras import layers, ops


def pixel_cross_entropy(y_true, y_pred):
    """Mean over pixels of -y log p - (1 - y) log(1 - p)."""
    p = ops.clip(y_pred, 1e-6, 1.0 - 1e-6)
    return -ops.mean(y_true * ops.log(p) + (1.0 - y_true) * ops.log(1.0 - p), axis=-1)


def build_autoencoder(code_size: int = 16) -> keras.Model:
    inputs = keras.Input((64,))
    code = layers.Dense(code_size, activation="relu")(layers.Dense(48, activation="relu")(inputs))
    hidden = layers.Dense(48, activation="relu")(code)
    return keras.Model(inputs, layers.Dense(64, activation="hard_sigmoid")(hidden))


def make_bars(samples: int) -> np.ndarray:
    """(samples, 64): images with some rows and columns lit, and noise."""
    rows, columns = np.random.random((2, samples, 8)) < 0.25
    lit = rows[:, :, None] | columns[:, None, :]
    return (0.8 * lit + 0.2 * np.random.random((samples, 8, 8))).reshape(samples, 64).astype("float32")


def main() -> None:
    keras.utils.set_random_seed(0)
    pixels = make_bars(1800)
    train, test = pixels[:1500], pixels[1500:]
    model = build_autoencoder()
    model.compile(optimizer=keras.optimizers.Adam(5e-3), loss=pixel_cross_entropy)
    model.fit(train, train, epochs=8, batch_size=50, verbose=0)
    print(f"held-out loss: {model.evaluate(test, test, verbose=0):.4f}")


if __name__ == "__main__":
    main()
