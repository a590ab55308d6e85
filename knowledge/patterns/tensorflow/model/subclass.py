# /// pattern
# id = "tf.model.subclass"
# topic = "model.building"
# twin = "pt.model.containers"
# questions = [
#     "keras model subclass or functional api",
#     "save and load a subclassed keras model",
#     "get_config and from_config for a custom model",
#     "layers in a list inside a subclassed model",
#     "pass layers or an activation function to the constructor of a custom keras model",
#     "subclassed model summary shows unbuilt",
#     "subclas keras.Model example",
#     "Object was created by passing non-serializable argument values in __init__",
# ]
# errors = ["NotImplementedError: Object Net was created by passing non-serializable argument values in `__init__()`"]
# apis = ["keras.Model", "keras.Model.get_config", "keras.saving.register_keras_serializable",
#     "keras.saving.deserialize_keras_object"]
# replaces = ["model.save_weights and rebuilding by hand", "custom_objects", "model.to_json"]
# why = """Layers that are attributes, also in lists and dicts, are found, and the forward pass is ordinary Python. A
# subclassed model is saved as its class and the arguments of its constructor. Keras notes plain arguments, numbers and
# texts, by itself; what is an object, such as a layer, has to be written in get_config and read in from_config."""
# pitfalls = """Make all layers in __init__, never in call. Weights exist after the first call only, and there are no
# symbolic outputs: for inner features return them."""
# when_not = "A plain stack or graph: Sequential and the functional API save themselves and know their shapes."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises NotImplementedError: non-serializable"
# ///
"""A subclassed model, residual blocks around a layer that is handed over, that trains, saves and loads."""

import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np
from keras import layers


@keras.saving.register_keras_serializable(package="my_project")
class ResidualMLP(keras.Model):
    """Features (B, F) to what the head makes of (B, width)."""

    def __init__(self, width: int, depth: int, head: keras.Layer, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.width, self.depth, self.head = width, depth, head
        self.embed = layers.Dense(width)
        self.norms = [layers.LayerNormalization() for _ in range(depth)]  # lists are tracked
        self.blocks = [layers.Dense(width, activation="gelu") for _ in range(depth)]

    def call(self, features: keras.KerasTensor) -> keras.KerasTensor:
        x = self.embed(features)  # (B, width)
        for norm, block in zip(self.norms, self.blocks, strict=True):
            x = x + block(norm(x))
        return self.head(x)

    def get_config(self) -> dict[str, object]:
        head = keras.saving.serialize_keras_object(self.head)
        return {"name": self.name, "width": self.width, "depth": self.depth, "head": head}

    @classmethod
    def from_config(cls, config: dict[str, object]) -> "ResidualMLP":
        return cls(**config | {"head": keras.saving.deserialize_keras_object(config["head"])})


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own saving code.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(256, 4)).astype("float32")
    y = x[:, :1] * x[:, 1:2]
    model = ResidualMLP(width=16, depth=3, head=layers.Dense(1))
    model.compile(keras.optimizers.Adam(0.01), "mse", jit_compile=False)
    losses = model.fit(x, y, epochs=12, verbose=0).history["loss"]
    assert losses[-1] < 0.4 * losses[0], losses
    assert model.count_params() == (4 * 16 + 16) + 3 * (2 * 16 + 16 * 16 + 16) + (16 + 1)

    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder) / "model.keras")
        loaded = keras.saving.load_model(Path(folder) / "model.keras")
    np.testing.assert_allclose(loaded(x), model(x), rtol=1e-4, atol=1e-5)
    assert int(loaded.optimizer.iterations) == 12 * 8  # Adam's state is there as well
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.3f}, loaded: {loaded.evaluate(x, y, verbose=0):.3f}")
