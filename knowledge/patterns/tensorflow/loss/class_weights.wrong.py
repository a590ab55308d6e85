"""Wrong: a high accuracy taken for a good classifier of imbalanced data."""

import keras
import numpy as np

if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    labels = (np.arange(2000) % 20 == 0).astype("int64")  # 5% positive
    x = (np.random.default_rng(0).normal(size=(2000, 2)) + 1.5 * labels[:, np.newaxis]).astype("float32")
    model = keras.Sequential([keras.Input(shape=(2,)), keras.layers.Dense(2)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.05), loss=loss, jit_compile=False)
    model.fit(x, labels, epochs=5, batch_size=100, verbose=0)
    hits = np.asarray(model(x)).argmax(axis=1) == labels
    assert hits[labels == 1].mean() > 0.7, f"the rare class is missed: accuracy {hits.mean():.2f} says nothing of it"
