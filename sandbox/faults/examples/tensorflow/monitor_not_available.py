"""Tell apart three groups of points."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
random = np.random.default_rng(0)
labels = random.integers(3, size=384)
points = (3 * random.normal(size=(3, 8))[labels] + random.normal(size=(384, 8))).astype("float32")
model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(3)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss, metrics=["accuracy"])
stopping = keras.callbacks.EarlyStopping(monitor="val_acc", mode="max", patience=2)  # WRONG
stopping = keras.callbacks.EarlyStopping(monitor="val_accuracy", mode="max", patience=2)  # RIGHT
model.fit(
    points[:320],
    labels[:320],
    validation_data=(points[320:], labels[320:]),
    batch_size=32,
    epochs=4,
    callbacks=[stopping],
    verbose=0,
)
