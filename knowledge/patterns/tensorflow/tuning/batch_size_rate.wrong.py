"""Wrong: four times the batch size at the same rate; a quarter of the steps, each as short as before."""

import keras
import numpy as np


def loss_after_training(batch_size: int, rate: float) -> float:
    """The loss on the data itself after one epoch."""
    x = np.random.default_rng(0).normal(size=(1024, 10)).astype("float32")
    y = x.sum(axis=1, keepdims=True)
    layer = keras.layers.Dense(1, kernel_initializer="zeros")
    model = keras.Sequential([keras.Input(shape=(10,)), layer])
    model.compile(optimizer=keras.optimizers.SGD(rate), loss="mse", jit_compile=False)
    model.fit(x, y, batch_size=batch_size, epochs=1, verbose=0)
    return model.evaluate(x, y, verbose=0)


if __name__ == "__main__":
    before, after = loss_after_training(16, 0.01), loss_after_training(64, 0.01)  # wrong: 0.04
    assert after < 2 * before, f"four times the batch at the old rate: loss {before:.2f} -> {after:.2f}"
