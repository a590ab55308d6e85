"""Wrong: histogram_freq for gradients; it writes weights alone."""

import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

if __name__ == "__main__":
    model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse", jit_compile=False)
    with tempfile.TemporaryDirectory() as folder:
        callback = keras.callbacks.TensorBoard(folder, histogram_freq=1, write_graph=False)
        model.fit(np.ones((8, 4)), np.ones((8, 1)), verbose=0, callbacks=[callback])
        tags = {
            value.tag
            for path in Path(folder).rglob("*tfevents*")
            for record in tf.data.TFRecordDataset(str(path))
            for value in tf.compat.v1.Event.FromString(record.numpy()).summary.value
        }
    assert any("gradient" in tag for tag in tags), f"no gradients among {sorted(tags)}"
