"""Early stopping of a network that learns its few training samples by heart."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
random = np.random.default_rng(0)
x = random.normal(size=(200, 16)).astype("float32")
y = (x[:, 0] + random.normal(size=200) > 0).astype("int64")

model = keras.Sequential([keras.Input((16,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(2)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizer=keras.optimizers.Adam(3e-2), loss=loss)
stop = keras.callbacks.EarlyStopping(
    monitor="val_loss",
    patience=4,
    restore_best_weights=True,  # RIGHT
)
model.fit(x[:80], y[:80], validation_data=(x[80:], y[80:]), epochs=20, callbacks=[stop], verbose=0)
