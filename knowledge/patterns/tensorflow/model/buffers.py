# /// pattern
# id = "tf.model.buffers"
# topic = "model.building"
# twin = "pt.model.buffers"
# questions = [
#     "non-trainable weights in a custom keras layer",
#     "add_weight trainable=False",
#     "register_buffer equivalent in keras",
#     "keep a running mean inside a layer",
#     "constant in my keras layer is lost after load_model",
#     "store statistics in the model without training them tensorflow",
#     "non trainable wieghts keras 3",
#     "numpy array attribute of a layer not saved",
# ]
# apis = ["keras.Layer.add_weight", "keras.Variable.assign"]
# replaces = ["self.mean = np.zeros(...)", "tf.Variable(trainable=False)", "self.add_update"]
# why = """A model saves its weights and its config, and nothing else. add_weight(trainable=False) is a weight that no
# optimizer touches: it is saved and loaded, and can be assigned while training. An array that is a plain attribute is
# frozen into the traced graph as a constant and is not in the file."""
# pitfalls = """self.mean = new_value replaces the variable by a tensor: use assign. Update it only where training is
# True, or evaluation changes the model."""
# when_not = "Plain standardisation of features: keras.layers.Normalization with adapt does it."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the loaded model scales its inputs differently"
# ///
"""Numbers that a layer keeps, updates and saves, but does not train: a running scale of its inputs."""

import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="my_project")
class RunningScale(keras.layers.Layer):
    """Divide features (B, F) by a running mean of their sizes."""

    def __init__(self, momentum: float = 0.9, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.momentum = momentum

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.size = self.add_weight(shape=(input_shape[-1],), initializer="ones", trainable=False, name="size")

    def call(self, x: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        if training:
            size = ops.mean(ops.abs(x), axis=0)  # (F,)
            self.size.assign(self.momentum * self.size + (1 - self.momentum) * size)
        return x / self.size

    def get_config(self) -> dict[str, object]:
        return super().get_config() | {"momentum": self.momentum}


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own saving code.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).uniform(50, 150, size=(64, 3)).astype("float32")
    model = keras.Sequential([keras.Input((3,)), RunningScale(), keras.layers.Dense(1)])
    scale = model.layers[0]
    assert [weight.name for weight in model.trainable_variables] == ["kernel", "bias"]

    model.compile("sgd", "mse", jit_compile=False)
    expected = np.ones(3, "float32")
    for batch in np.split(x, 4):
        model.train_on_batch(batch, batch[:, :1] / 100)
        expected = 0.9 * expected + 0.1 * np.abs(batch).mean(axis=0)
    np.testing.assert_allclose(ops.convert_to_numpy(scale.size), expected, rtol=1e-5)
    model.evaluate(x, x[:, :1], verbose=0)
    np.testing.assert_allclose(ops.convert_to_numpy(scale.size), expected, rtol=1e-5)  # looking changes nothing

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        loaded = keras.saving.load_model(path)
    np.testing.assert_allclose(loaded(x), model(x), rtol=1e-5)
    print("running sizes:", expected.round(1))
