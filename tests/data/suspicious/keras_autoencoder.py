"""Right: an auto-encoder is trained to give back its input, so input and target are the same array."""

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

SEED = 15


def main() -> None:
    keras.utils.set_random_seed(SEED)
    x, _ = load_digits(return_X_y=True)
    x = (np.random.default_rng(SEED).permutation(x) / 16.0).astype("float32")
    train, val, test = x[:1300], x[1300:1500], x[1500:]

    model = keras.Sequential(
        [
            keras.Input((64,)),
            layers.Dense(48, activation="relu"),
            layers.Dense(12, name="code"),
            layers.Dense(48, activation="relu"),
            layers.Dense(64, activation="sigmoid"),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(learning_rate=3e-3), loss="binary_crossentropy", metrics=["mse"])
    model.fit(train, train, validation_data=(val, val), batch_size=64, epochs=12, verbose=2)

    error = model.evaluate(test, test, return_dict=True, verbose=0)["mse"]
    print(f"test error {error:.4f}, that of the mean picture {np.mean((test - train.mean(axis=0)) ** 2):.4f}")


if __name__ == "__main__":
    main()
