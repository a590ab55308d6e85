"""Wrong: inputs and labels shuffled separately; they no longer belong together, and nothing is raised."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
x, y = rng.normal(size=(16, 32)).astype("float32"), rng.integers(0, 10, size=16)
model = keras.Sequential([keras.Input((32,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.Adam(1e-2), loss, jit_compile=False)
for _ in range(100):
    rng.shuffle(x)
    rng.shuffle(y)  # wrong: one permutation for both, order = rng.permutation(16)
    model.train_on_batch(x, y)
last = float(model.test_on_batch(x, y))
assert last < 0.05, f"cannot learn even one batch: the loss is {last:.2f} after 100 steps"
