# /// pattern
# id = "tf.loss.custom-loss"
# topic = "loss.custom"
# questions = [
#     "write a custom loss in keras",
#     "load_model fails with a custom loss",
#     "Could not locate class, make sure custom classes are decorated",
#     "custom loss with extra parameters keras",
#     "my custom loss ignores sample_weight",
#     "keras.losses.Loss subclass call returns what shape",
#     "custum loss function keras save load",
# ]
# errors = ["""TypeError: Could not locate class 'RelativeError'. Make sure custom classes and functions are \
# decorated with `@keras.saving.register_keras_serializable()`.""",
#     "TypeError: Could not locate function 'relative_error'. Make sure custom classes and functions are decorated"]
# apis = ["keras.losses.Loss", "keras.saving.register_keras_serializable", "keras.saving.load_model"]
# replaces = ["custom_objects", "keras.utils.get_custom_objects", "loss as a closure"]
# why = """call returns one number for each sample, and the base class applies weights and reduction: a scalar instead
# would make sample_weight scale the whole batch alike. Registered, with its parameters in get_config, the loss comes
# back with the model."""
# pitfalls = """Without get_config a parameter is silently reset to its default when the model is loaded.
# load_model(..., compile=False) needs no loss at all, for prediction."""
# when_not = "A loss without parameters: a decorated function does."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises TypeError: Could not locate class 'RelativeError'"
# ///
"""A loss of one's own: with a parameter, with weights for samples, saved and loaded."""

import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np
from keras import KerasTensor, ops


@keras.saving.register_keras_serializable(package="my_project")
class RelativeError(keras.losses.Loss):
    """|y - p| / (|y| + epsilon), mean over the last dimension."""

    def __init__(self, *, epsilon: float = 1.0, name: str = "relative_error", **kwargs: object) -> None:
        super().__init__(name=name, **kwargs)
        self.epsilon = epsilon

    def call(self, y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
        error = ops.abs(y_true - y_pred) / (ops.abs(y_true) + self.epsilon)  # (N, D)
        return ops.mean(error, axis=-1)  # (N,): one for each sample

    def get_config(self) -> dict[str, object]:
        return super().get_config() | {"epsilon": self.epsilon}


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own saving code.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    keras.utils.set_random_seed(0)
    y, p = np.array([[1.0], [-3.0]]), np.array([[2.0], [-1.0]])
    loss = RelativeError(epsilon=0.5)
    assert abs(float(loss(y, p)) - (1 / 1.5 + 2 / 3.5) / 2) < 1e-6
    assert abs(float(loss(y, p, sample_weight=np.array([1.0, 0.0]))) - 1 / 1.5 / 2) < 1e-6  # the second one is out

    x = np.random.default_rng(0).normal(size=(128, 3)).astype("float32")
    y = (x.sum(axis=1, keepdims=True) * 10).astype("float32")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.3), loss, jit_compile=False)
    losses = model.fit(x, y, epochs=30, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0]

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        loaded = keras.saving.load_model(path)
    assert loaded.loss.epsilon == 0.5
    assert abs(loaded.evaluate(x, y, verbose=0) - model.evaluate(x, y, verbose=0)) < 1e-6
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}")
