"""Wrong: statistics as a plain attribute; the file does not hold them, and the loaded layer starts with ones."""

import tempfile
from pathlib import Path

import keras
import numpy as np


@keras.saving.register_keras_serializable(package="my_project")
class Scale(keras.layers.Layer):
    """Divide features (B, 3) by their sizes."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.size = np.ones(3, "float32")  # wrong: self.add_weight(trainable=False) in build

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return x / self.size


keras.utils.set_random_seed(0)
x = np.random.default_rng(0).uniform(50, 150, size=(64, 3)).astype("float32")
model = keras.Sequential([keras.Input((3,)), Scale(), keras.layers.Dense(1)])
model.layers[0].size = np.abs(x).mean(axis=0)
with tempfile.TemporaryDirectory() as folder:
    model.save(Path(folder) / "model.keras")
    loaded = keras.saving.load_model(Path(folder) / "model.keras")
difference = float(np.abs(np.asarray(loaded(x)) - np.asarray(model(x))).max())
assert difference < 1e-3, f"the loaded model scales its inputs differently: outputs are off by up to {difference:.0f}"
