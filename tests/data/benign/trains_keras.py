"""A small Keras fit with TensorBoard."""

import keras
import numpy as np

model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(10)])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
x, y = np.random.rand(64, 8, 8, 1).astype("float32"), np.random.randint(0, 10, 64)
history = model.fit(x, y, epochs=2, verbose=0, callbacks=[keras.callbacks.TensorBoard("runs/one")])
print("trained", len(history.history["loss"]))
