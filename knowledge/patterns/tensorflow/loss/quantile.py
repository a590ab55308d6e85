# /// pattern
# id = "tf.loss.quantile"
# topic = "loss.regression"
# twin = "pt.loss.quantile"
# questions = [
#     "predict a lower and an upper bound, 10% and 90%",
#     "quantile loss keras",
#     "pinball loss tensorflow",
#     "predict an uncertainty interval for regression keras",
#     "median regression keras",
#     "custom loss with a parameter that can be saved",
#     "quantil regresion tensorflow",
# ]
# apis = ["keras.losses.Loss", "keras.ops.maximum", "keras.saving.register_keras_serializable"]
# replaces = ["tfa.losses.PinballLoss"]
# why = """Pinball loss charges q for each unit too low and 1 - q for each unit too high, so the best constant is the
# q-quantile. Three outputs for 0.1, 0.5 and 0.9 are an interval that should hold 80% of the targets: measure it."""
# pitfalls = """The sign decides which end is learnt: the error is target minus prediction. With y (N,) against
# predictions (N, 3) shapes must be made to fit: y[:, None]."""
# when_not = "Noise that is known to be normal: predict mean and variance."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the wrong end was learnt"
# ///
"""Quantile regression with pinball loss as a loss that can be saved."""

from collections.abc import Sequence

import keras
import numpy as np
from keras import KerasTensor, ops


@keras.saving.register_keras_serializable()
class Pinball(keras.losses.Loss):
    """Predictions (N, Q), one for each quantile, and targets (N, 1)."""

    def __init__(self, quantiles: Sequence[float], *, name: str = "pinball", **kwargs: object) -> None:
        super().__init__(name=name, **kwargs)
        self.quantiles = list(quantiles)

    def call(self, y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
        q = ops.convert_to_tensor(self.quantiles, dtype=y_pred.dtype)  # (Q,)
        error = y_true - y_pred  # (N, Q)
        return ops.mean(ops.maximum(q * error, (q - 1) * error), axis=-1)  # (N,)

    def get_config(self) -> dict[str, object]:
        return super().get_config() | {"quantiles": self.quantiles}


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    quantiles = [0.1, 0.5, 0.9]
    loss = Pinball([0.9])
    assert abs(float(loss(np.ones((1, 1)), np.zeros((1, 1)))) - 0.9) < 1e-6  # too low
    assert abs(float(loss(np.zeros((1, 1)), np.ones((1, 1)))) - 0.1) < 1e-6  # too high

    rng = np.random.default_rng(0)
    x = rng.random((2000, 1)).astype("float32")
    y = (3 * x + 0.5 * np.exp(rng.normal(size=(2000, 1)))).astype("float32")  # noise that is not symmetric
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(3)])
    model.compile(keras.optimizers.Adam(0.05), Pinball(quantiles), jit_compile=False)
    losses = model.fit(x, y, epochs=25, batch_size=200, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0]

    below = (y < np.asarray(model(x))).mean(axis=0)  # (3,)
    np.testing.assert_allclose(below, quantiles, atol=0.05)
    again = Pinball.from_config(Pinball(quantiles).get_config())
    assert again.quantiles == quantiles
    print("share of the targets below:", below.round(3))
