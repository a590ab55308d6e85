"""Wrong: only the weights are kept; Adam begins with empty moments and large first steps."""

import keras
import numpy as np


def build_model() -> keras.Model:
    """The same model each time."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(16, "tanh"), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01), "mse", jit_compile=False)
    return model


x = np.random.default_rng(0).normal(size=(128, 4)).astype("float32")
y = x[:, :1] * x[:, 1:2]
whole, interrupted, resumed = build_model(), build_model(), build_model()
whole.fit(x, y, epochs=6, shuffle=False, verbose=0)
interrupted.fit(x, y, epochs=4, shuffle=False, verbose=0)
resumed.set_weights(interrupted.get_weights())  # wrong: the optimizer's state is missing
resumed.fit(x, y, initial_epoch=4, epochs=6, shuffle=False, verbose=0)
off = max(float(np.abs(a - b).max()) for a, b in zip(resumed.get_weights(), whole.get_weights(), strict=True))
assert off < 1e-4, f"the resumed training goes another way: weights differ by up to {off:.1e}"
