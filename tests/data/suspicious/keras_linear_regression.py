"""Right: linear regression is one dense layer, so there is no activation to miss and the loss is no classifier's."""

import keras
import numpy as np

SEED = 6


def main() -> None:
    keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    x = rng.normal(size=(800, 5)).astype("float32")
    slopes = np.array([[1.5], [-2.0], [0.0], [0.5], [3.0]], dtype="float32")
    y = x @ slopes + 4.0 + rng.normal(0.0, 0.1, (800, 1)).astype("float32")

    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(learning_rate=0.05), loss="mse")
    model.fit(x[:600], y[:600], validation_data=(x[600:700], y[600:700]), batch_size=32, epochs=10, verbose=2)

    kernel, bias = model.layers[0].get_weights()
    print(f"test mean squared error {model.evaluate(x[700:], y[700:], verbose=0):.4f}")
    print(f"largest slope error {np.abs(kernel - slopes).max():.3f}, intercept {bias[0]:.2f}")


if __name__ == "__main__":
    main()
