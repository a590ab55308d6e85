"""Wrong: a loop of one's own that never hands the average over; the model keeps the last weights."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
x = np.random.default_rng(0).normal(size=(256, 4)).astype("float32")
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
optimizer = keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.9)
model.compile(optimizer, "mse", jit_compile=False)
kernels = []
for batch in np.split(x, 16):
    model.train_on_batch(batch, batch[:, :1])
    kernels.append(model.layers[-1].get_weights()[0])
average = kernels[0]
for kernel in kernels[1:]:
    average = 0.9 * average + 0.1 * kernel
# wrong: optimizer.finalize_variable_values(model.trainable_variables) is missing
off = float(np.abs(model.layers[-1].get_weights()[0] - average).max())
assert off < 1e-3, f"the model has the last weights, not the averaged ones: they differ by up to {off:.2f}"
