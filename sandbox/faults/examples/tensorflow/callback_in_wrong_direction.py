"""A checkpoint that keeps the best epoch of a small classifier."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
random = np.random.default_rng(0)
x = random.normal(size=(320, 8)).astype("float32")
y = (x[:, 0] + x[:, 1] > 0).astype("int64")

model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(2)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizer=keras.optimizers.Adam(1e-2), loss=loss, metrics=["accuracy"])
mode = "min"  # WRONG
mode = "max"  # RIGHT
best = keras.callbacks.ModelCheckpoint("best.keras", monitor="val_accuracy", mode=mode, save_best_only=True)
model.fit(x[:240], y[:240], validation_data=(x[240:], y[240:]), epochs=4, callbacks=[best], verbose=0)
