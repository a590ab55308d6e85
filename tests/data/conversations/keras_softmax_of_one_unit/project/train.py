"""Does a noisy series rise? A small LSTM decides."""

import keras
import numpy as np
from keras import layers

STEPS = 20
keras.utils.set_random_seed(0)


def make_series(samples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(samples, STEPS, 1) noisy lines, and 1 where the slope is positive."""
    random = np.random.default_rng(seed)
    slopes = random.uniform(-1, 1, (samples, 1))
    series = slopes * np.linspace(-1, 1, STEPS) + random.normal(0, 0.2, (samples, STEPS))
    return series[..., None].astype("float32"), (slopes[:, 0] > 0).astype("float32")


model = keras.Sequential(
    [
        layers.Input((STEPS, 1)),
        layers.LSTM(16),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])

x_train, y_train = make_series(600, seed=0)
x_test, y_test = make_series(150, seed=1)
model.fit(x_train, y_train, epochs=5, batch_size=32, verbose=0)
loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(f"test accuracy: {accuracy:.3f}")
