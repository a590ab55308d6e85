"""Right: dropout stays on at prediction on purpose; the spread of many passes is the uncertainty."""

import keras
import numpy as np
from keras import layers, ops

SEED = 9
PASSES = 30


def main() -> None:
    keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    x = rng.uniform(-2.0, 2.0, (1000, 1)).astype("float32")
    y = (np.sin(2.0 * x) + rng.normal(0.0, 0.05, x.shape)).astype("float32")

    model = keras.Sequential(
        [
            keras.Input((1,)),
            layers.Dense(64, activation="tanh"),
            layers.Dropout(0.1),
            layers.Dense(64, activation="tanh"),
            layers.Dropout(0.1),
            layers.Dense(1),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(learning_rate=1e-2), loss="mse")
    model.fit(x[:800], y[:800], batch_size=64, epochs=15, verbose=2)

    draws = np.stack([ops.convert_to_numpy(model(x[800:], training=True)) for _ in range(PASSES)])  # (passes, N, 1)
    far_away = np.stack([ops.convert_to_numpy(model(x[800:] + 6.0, training=True)) for _ in range(PASSES)])
    print(f"error of the mean {np.abs(draws.mean(axis=0) - y[800:]).mean():.3f}")
    print(f"spread near the data {draws.std(axis=0).mean():.3f}, away from it {far_away.std(axis=0).mean():.3f}")


if __name__ == "__main__":
    main()
