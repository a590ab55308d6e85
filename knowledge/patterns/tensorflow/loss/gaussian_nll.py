# /// pattern
# id = "tf.loss.gaussian-nll"
# topic = "loss.regression"
# twin = "pt.loss.gaussian-nll"
# questions = [
#     "predict mean and variance with keras",
#     "gaussian negative log likelihood loss keras",
#     "heteroscedastic regression uncertainty tensorflow",
#     "replace tensorflow probability DistributionLambda keras 3",
#     "loss is negative keras, is that wrong",
#     "gausian nll custom loss tf",
# ]
# apis = ["keras.ops.softplus", "keras.ops.split"]
# replaces = ["tfp.layers.DistributionLambda", "tfp.layers.IndependentNormal"]
# why = """With the variance as a second output the likelihood weighs each error by how sure the model claims to be,
# and charges for claiming little. Noise that grows with x is then seen as such: the demo compares the learnt deviation
# with the true one at both ends."""
# pitfalls = """The variance must stay positive: softplus, or exp of a log variance. A density may exceed 1, so the
# loss may be negative. Keras has no such loss, and the two outputs travel in one tensor."""
# when_not = "Noise that is skewed or has outliers: quantiles."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the loss is NaN"
# ///
"""Regression that predicts its own uncertainty."""

import math

import keras
import numpy as np
from keras import KerasTensor, ops


def mean_and_variance(outputs: KerasTensor) -> tuple[KerasTensor, KerasTensor]:
    """The model's outputs (N, 2) to mean and variance, (N, 1) each."""
    mean, raw = ops.split(outputs, 2, axis=-1)
    return mean, ops.softplus(raw) + 1e-6


@keras.saving.register_keras_serializable()
def gaussian_nll(y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
    """Targets (N, 1) and outputs (N, 2) to the negative log likelihood of each sample (N,)."""
    mean, variance = mean_and_variance(y_pred)
    loss = 0.5 * (ops.log(2 * math.pi * variance) + ops.square(y_true - mean) / variance)
    return ops.squeeze(loss, axis=-1)


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    raw = math.log(math.expm1(0.25))  # softplus(raw) is 0.25
    density = math.exp(-(0.5**2) / (2 * 0.25)) / math.sqrt(2 * math.pi * 0.25)
    assert abs(float(gaussian_nll(np.array([[1.5]]), np.array([[1.0, raw]]))[0]) + math.log(density)) < 1e-4

    x = rng.random((1000, 1)).astype("float32")
    deviation = 0.1 + x  # noise that grows with x
    y = (2 * x + deviation * rng.normal(size=(1000, 1))).astype("float32")
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(32, activation="tanh"), keras.layers.Dense(2)])
    model.compile(keras.optimizers.Adam(0.02), gaussian_nll, jit_compile=False)
    model.fit(x, y, epochs=30, batch_size=100, verbose=0)

    mean, variance = mean_and_variance(model(np.array([[0.1], [0.9]])))
    np.testing.assert_allclose(mean, [[0.2], [1.8]], atol=0.25)
    np.testing.assert_allclose(ops.sqrt(variance), [[0.2], [1.0]], atol=0.2)
    mean, variance = (np.asarray(part) for part in mean_and_variance(model(x)))
    within = (np.abs(y - mean) < np.sqrt(variance)).mean()
    assert abs(within - 0.683) < 0.06  # of normal noise 68% lies within one deviation
    print(f"{within:.1%} of the targets lie within one predicted deviation")
