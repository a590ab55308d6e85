"""Wrong: one model for all folds. fit goes on, and later folds are tested on what it was trained on."""

import keras
import numpy as np
from sklearn.model_selection import KFold

if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(100, 50)).astype("float32"), rng.integers(2, size=(100, 1))  # tossed coins
    model = keras.Sequential([keras.Input(shape=(50,)), keras.layers.Dense(64, "relu"), keras.layers.Dense(1)])
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    accuracy = keras.metrics.BinaryAccuracy(threshold=0.0)
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss, metrics=[accuracy], jit_compile=False)
    scores = []
    for train, test in KFold(5).split(x):
        model.fit(x[train], y[train], epochs=20, verbose=0)  # wrong: a new model belongs here
        scores.append(model.evaluate(x[test], y[test], verbose=0)[1])
    assert np.mean(scores) < 0.7, f"coin tosses were predicted with accuracy {np.mean(scores):.2f}"
