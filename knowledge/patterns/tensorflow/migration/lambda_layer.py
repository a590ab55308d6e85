# /// pattern
# id = "tf.migration.lambda-layer"
# topic = "migration.loading"
# questions = [
#   "Requested the deserialization of a Lambda layer",
#   "load_model with a Lambda layer fails safe_mode",
#   "keras.config.enable_unsafe_deserialization or register a function",
#   "replace Lambda layer keras 3",
#   "lambda layer disallowed when loading",
#   "lamda layer load_model error",
# ]
# errors = [
#   "ValueError: Requested the deserialization of a `Lambda` layer whose `function` is a Python lambda.",
# ]
# apis = ["keras.layers.Layer", "keras.saving.register_keras_serializable", "keras.saving.load_model"]
# replaces = [
#   "keras.layers.Lambda(lambda x: ...)",
#   "load_model(safe_mode=False)",
#   "keras.config.enable_unsafe_deserialization",
# ]
# why = """A Python lambda is stored as bytecode, so loading it would run whatever a file contains: Keras refuses. A
# registered layer is stored by name and settings, which works, is safe, and can be tested."""
# pitfalls = """safe_mode=False runs the file's code: only for a file that you wrote. Bytecode also breaks with another
# Python version."""
# when_not = "A one-line operation in a functional model: keras.ops on the tensor, without any layer."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ValueError: Requested the deserialization of a `Lambda` layer"
# ///
"""A registered layer in place of Lambda: saved, and loaded in safe mode."""

import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np
from keras import KerasTensor, ops


@keras.saving.register_keras_serializable(package="my_project")
class Scale(keras.layers.Layer):
    """(B, ...) -> (B, ...): inputs times a fixed factor."""

    def __init__(self, factor: float, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, inputs: KerasTensor) -> KerasTensor:
        return ops.multiply(inputs, self.factor)

    def get_config(self) -> dict[str, object]:
        return super().get_config() | {"factor": self.factor}


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own saving code.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    x = np.arange(6, dtype="float32").reshape(2, 3)
    model = keras.Sequential([keras.Input(shape=(3,)), Scale(1 / 255)])  # Lambda(lambda x: x / 255)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        loaded = keras.saving.load_model(path)  # safe_mode=True
    np.testing.assert_allclose(np.asarray(loaded(x)), x / 255, rtol=1e-6)
    assert loaded.layers[-1].factor == 1 / 255
    print(f"loaded: {loaded.layers[-1].name}, factor {loaded.layers[-1].factor:.4f}")
