"""Count how often the class with the highest score is the right one."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
random = np.random.default_rng(0)
y = np.arange(320) % 2
x = (random.normal(size=(320, 4)) + 1.5 * y[:, None]).astype("float32")

model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizer=keras.optimizers.Adam(1e-2), loss=loss)
model.fit(x[:256], y[:256], epochs=5, verbose=0)

scores = model.predict(x[256:], verbose=0)  # (samples, classes)
chosen = np.argmax(scores, axis=0)  # WRONG
chosen = np.argmax(scores, axis=1)  # RIGHT
print(np.bincount(chosen))
