"""Wrong: mean squared error on data with outliers; the line follows them."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
x = np.linspace(0, 1, 200, dtype="float32")[:, None]
y = 2 * x
y[190:] -= 20  # one in twenty is wild
model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
model.compile(keras.optimizers.Adam(0.1), "mse", jit_compile=False)  # wrong: keras.losses.Huber(delta=0.1)
model.fit(x, y, epochs=12, batch_size=10, verbose=0)
slope = float(model.layers[0].kernel[0, 0])
assert abs(slope - 2) < 0.5, f"a few outliers bent the line: slope {slope:.2f}, not 2"
