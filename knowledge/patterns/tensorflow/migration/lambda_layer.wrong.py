"""Wrong: a Python lambda in a model that is saved; nobody can load it."""

import tempfile
from pathlib import Path

import keras

model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Lambda(lambda x: x / 255)])
with tempfile.TemporaryDirectory() as folder:
    model.save(Path(folder) / "model.keras")
    keras.saving.load_model(Path(folder) / "model.keras")
