"""Right: a time series is split by date and read in order; the validation data come after the training data."""

import keras
import numpy as np
from keras import layers

SEED = 8
WINDOW = 16


def make_series(length: int, rng: np.random.Generator) -> np.ndarray:
    steps = np.arange(length)
    return (np.sin(steps / 5.0) + 0.5 * np.sin(steps / 13.0) + rng.normal(0.0, 0.05, length)).astype("float32")


def main() -> None:
    keras.utils.set_random_seed(SEED)
    series = make_series(1500, np.random.default_rng(SEED))
    mean, std = series[:1000].mean(), series[:1000].std()
    series = (series - mean) / std
    windows = np.lib.stride_tricks.sliding_window_view(series, WINDOW + 1)
    x, y = windows[:, :-1, None].copy(), windows[:, -1:].copy()  # (N, 16, 1), (N, 1)
    train, val, test = slice(0, 1000 - WINDOW), slice(1000, 1200), slice(1200 + WINDOW, None)

    model = keras.Sequential([keras.Input((WINDOW, 1)), layers.GRU(16), layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(learning_rate=1e-2), loss="mse")
    model.fit(x[train], y[train], validation_data=(x[val], y[val]), batch_size=64, epochs=6, shuffle=False, verbose=2)
    persistence = float(np.mean((x[test][:, -1] - y[test]) ** 2))
    print(f"test error {model.evaluate(x[test], y[test], verbose=0):.4f}, repeating the last value {persistence:.4f}")


if __name__ == "__main__":
    main()
