"""Wrong: a folder as the target of model.save, as in Keras 2."""

import tempfile
from pathlib import Path

import keras

if __name__ == "__main__":
    model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(1)])
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder) / "my_model")
