"""Wrong: the error the wrong way round; the 90% quantile becomes the 10% one."""

import keras
import numpy as np
from keras import ops


def pinball(y_true: object, y_pred: object) -> object:
    """For the 90% quantile."""
    error = y_pred - y_true  # wrong: y_true - y_pred
    return ops.mean(ops.maximum(0.9 * error, -0.1 * error), axis=-1)


keras.utils.set_random_seed(0)
y = np.random.default_rng(0).normal(size=(1000, 1)).astype("float32")
model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
model.compile(keras.optimizers.Adam(0.1), pinball, jit_compile=False)
model.fit(np.ones((1000, 1)), y, epochs=10, batch_size=100, verbose=0)
below = (y < np.asarray(model(np.ones((1, 1))))).mean()
assert abs(below - 0.9) < 0.05, f"the wrong end was learnt: {below:.2f} of the targets are below"
