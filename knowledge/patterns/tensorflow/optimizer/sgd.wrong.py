"""Wrong: SGD with momentum on a target of large scale, without clipping or standardising."""

import keras
import numpy as np

if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input(shape=(4,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1)]
    )
    model.compile(optimizer=keras.optimizers.SGD(0.01, momentum=0.9), loss="mse", jit_compile=False)
    x = np.random.default_rng(0).normal(size=(256, 4)).astype("float32")
    losses = model.fit(x, 1000 * x.sum(axis=1, keepdims=True), epochs=10, verbose=0).history["loss"]
    assert np.isfinite(losses).all(), f"the loss is not finite: {losses}"
