"""Wrong: a loss that is not registered; the model is saved with its name and cannot be loaded."""

import tempfile
from pathlib import Path

import keras
from keras import ops


class RelativeError(keras.losses.Loss):  # wrong: @keras.saving.register_keras_serializable() is missing
    """|y - p| / (|y| + 1)."""

    def call(self, y_true: object, y_pred: object) -> object:
        return ops.mean(ops.abs(y_true - y_pred) / (ops.abs(y_true) + 1.0), axis=-1)


model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
model.compile("adam", RelativeError())
with tempfile.TemporaryDirectory() as folder:
    model.save(Path(folder) / "model.keras")
    keras.saving.load_model(Path(folder) / "model.keras")
