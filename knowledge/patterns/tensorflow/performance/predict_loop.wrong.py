"""Wrong: predict for each sample. Each call pays for a pipeline, an iterator and callbacks of its own."""

import time

import keras
import numpy as np

model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4)])
x = np.ones((20, 8), "float32")
model.predict(x, verbose=0)
model.predict(x[:1], verbose=0)

started = time.perf_counter()
model.predict(x, verbose=0)
together = time.perf_counter() - started
for row in x:
    model.predict(row[None], verbose=0)  # wrong: model(row[None]), or one predict for all
separately = time.perf_counter() - started - together
assert separately < 4 * together, f"one at a time took {separately / together:.0f} times as long as all in one call"
