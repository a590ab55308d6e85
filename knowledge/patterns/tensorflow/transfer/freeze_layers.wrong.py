"""Wrong: trainable is set after fit has compiled its step, and the model is not compiled again."""

import keras
import numpy as np

if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(64, 8)).astype("float32")
    body = keras.layers.Dense(16, activation="relu")
    model = keras.Sequential([keras.Input(shape=(8,)), body, keras.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse", jit_compile=False)
    model.fit(x, x[:, :1], verbose=0)
    body.trainable = False
    before = body.get_weights()[0]
    model.fit(x, x[:, :1], verbose=0)
    assert np.array_equal(before, body.get_weights()[0]), "the frozen body changed: compile() again after freezing"
