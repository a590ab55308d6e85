# /// pattern
# id = "tf.model.custom-layer"
# topic = "model.custom-layer"
# questions = [
#     "write a custom layer in keras 3",
#     "add_weight build call get_config",
#     "tf.Variable in a layer is not trained",
#     "trainable_variables is empty",
#     "save a model with a custom layer",
#     "costum layer keras",
# ]
# errors = ["ValueError: No gradients provided for any variable", "TypeError: Could not locate class"]
# apis = ["keras.layers.Layer", "keras.Layer.add_weight", "keras.saving.register_keras_serializable", "keras.ops"]
# replaces = ["tf.Variable in a layer", "K.backend functions", "tf.keras.layers.Lambda"]
# why = """Keras 3 tracks add_weight and keras.Variable, not tf.Variable: a tf.Variable in a layer is neither trained
# nor saved, without an error. build() sees the input's shape; get_config plus registration make the layer loadable."""
# pitfalls = "Use keras.ops in call: tf functions do not take the symbolic tensors of a functional model."
# when_not = "No weights of its own: a function of keras.ops, or a Lambda-free functional model."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the weight is not tracked"
# ///
"""A custom layer that trains, saves and loads: a gated linear unit (arXiv 1612.08083)."""

import tempfile
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np


@keras.saving.register_keras_serializable(package="gated")
class GatedLinear(keras.layers.Layer):
    """(B, F) to (B, units): a linear map, multiplied by the sigmoid of another."""

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.kernel = self.add_weight(shape=(input_shape[-1], 2 * self.units), name="kernel")
        self.bias = self.add_weight(shape=(2 * self.units,), initializer="zeros", name="bias")

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        value, gate = keras.ops.split(keras.ops.matmul(x, self.kernel) + self.bias, 2, axis=-1)  # (B, units) each
        return value * keras.ops.sigmoid(gate)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"units": self.units}


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own saving code.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(256, 4)).astype("float32")
    model = keras.Sequential([keras.Input(shape=(4,)), GatedLinear(16), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse", jit_compile=False)
    losses = model.fit(x, x[:, :1] * x[:, 1:2], epochs=15, verbose=0).history["loss"]
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}")
    assert losses[-1] < 0.6 * losses[0] and len(model.layers[0].trainable_variables) == 2
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gated.keras"
        model.save(path)
        assert np.allclose(model(x), keras.models.load_model(path)(x), atol=1e-6)
