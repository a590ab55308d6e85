"""Wrong: the smallest weights are set to zero once, before training on. They do not stay there."""

import keras
import numpy as np

if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input(shape=(8,)), keras.layers.Dense(16), keras.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse", jit_compile=False)
    kernel, bias = model.layers[0].get_weights()
    small = np.abs(kernel) < np.quantile(np.abs(kernel), 0.9)
    model.layers[0].set_weights([np.where(small, 0, kernel), bias])  # wrong: again after every step
    x = np.random.default_rng(0).normal(size=(64, 8))
    model.fit(x, x.sum(axis=1), verbose=0)
    grown = np.mean(model.layers[0].get_weights()[0][small] != 0)
    assert grown == 0, f"of the weights that were cut, {grown:.0%} grew back".replace("%", " %")
