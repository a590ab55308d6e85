"""Wrong: a layer as an argument and no get_config; Keras does not know how to write it down."""

import tempfile
from pathlib import Path

import keras
import numpy as np


@keras.saving.register_keras_serializable(package="my_project")
class Net(keras.Model):
    """A dense layer and the head that it is given."""

    def __init__(self, head: keras.Layer, **kwargs: object) -> None:  # wrong: get_config and from_config are missing
        super().__init__(**kwargs)
        self.dense, self.head = keras.layers.Dense(8), head

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return self.head(self.dense(x))


model = Net(keras.layers.Dense(1))
model(np.zeros((1, 4), "float32"))
with tempfile.TemporaryDirectory() as folder:
    model.save(Path(folder) / "model.keras")
    keras.saving.load_model(Path(folder) / "model.keras")
