"""Wrong: a custom layer that was not registered cannot be found again by a program that only loads the file."""

import tempfile
from pathlib import Path

import keras


class Scale(keras.layers.Layer):
    """Multiply by one learned number."""

    def build(self, _input_shape: tuple) -> None:
        self.factor = self.add_weight(shape=(), initializer="ones")

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return x * self.factor


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        keras.Sequential([keras.Input(shape=(3,)), Scale()]).save(path)
        del Scale
        keras.models.load_model(path)
