# /// pattern
# id = "tf.tensors.logsumexp"
# topic = "tensors.numerics"
# twin = "pt.tensors.logsumexp"
# questions = [
#     "log of a sum of exponentials overflows tensorflow",
#     "numerically stable softmax from scratch keras",
#     "log_softmax instead of log of softmax keras",
#     "exp gives inf float32 tensorflow",
#     "reduce_logsumexp",
#     "mixture density network likelihood underflow",
#     "logsumexp nan tf",
# ]
# apis = ["keras.ops.logsumexp"]
# replaces = ["tf.math.log(tf.reduce_sum(tf.exp(x)))", "keras.backend.logsumexp"]
# why = """exp overflows float32 at 88.8 and is 0 below -104. Taking the largest value out first, as logsumexp does,
# leaves exponents of at most 0: nothing overflows, and the largest term is never lost."""
# pitfalls = """An epsilon inside the logarithm hides the infinity and leaves a wrong value: log(1e-7) is -16.1 whatever
# the truth is."""
# when_not = "Probabilities that are neither tiny nor multiplied: add them as they are."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the epsilon is all that is left"
# ///
"""Sums of probabilities in log space: a mixture's likelihood, and a softmax by hand."""

import math

import numpy as np
import tensorflow as tf
from keras import KerasTensor, ops


def softmax(x: KerasTensor) -> KerasTensor:
    """(..., K) to (..., K), as keras.ops.softmax does it: shifting all logits changes nothing, so the largest is 0."""
    exponentials = ops.exp(x - ops.max(x, axis=-1, keepdims=True))
    return exponentials / ops.sum(exponentials, axis=-1, keepdims=True)


def mixture_log_likelihood(x: KerasTensor, *, log_weights: KerasTensor, means: KerasTensor) -> KerasTensor:
    """Log density (N,) of x (N,) under K normal distributions of variance 1, with log weights and means (K,)."""
    log_density = -0.5 * ops.square(x[:, None] - means) - 0.5 * math.log(2 * math.pi)  # (N, K)
    return ops.logsumexp(log_weights + log_density, axis=1)


if __name__ == "__main__":
    assert ops.isinf(ops.exp(tf.constant(88.8))) and ops.exp(tf.constant(-104.0)) == 0
    logits = tf.constant([[1000.0, 999.0, -1000.0]])
    in_float64 = np.exp([[0.0, -1.0, -2000.0]])
    np.testing.assert_allclose(softmax(logits), in_float64 / in_float64.sum(), rtol=1e-6)
    assert abs(float(ops.logsumexp(logits)) - (1000 + math.log(1 + math.exp(-1)))) < 1e-3

    x = tf.constant([0.0, 30.0])  # 30 is so far out that its density is 0 in float32
    log_weights, means = tf.math.log([0.25, 0.75]), tf.constant([-1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        likelihood = mixture_log_likelihood(x, log_weights=log_weights, means=means)
    for value, result in zip(x.numpy(), likelihood.numpy(), strict=True):
        terms = [w * math.exp(-0.5 * (float(value) - m) ** 2) for w, m in ((0.25, -1.0), (0.75, 2.0))]
        expected = math.log(sum(terms) / math.sqrt(2 * math.pi))  # Python's floats have 64 bits
        assert abs(result - expected) < 1e-3
    assert np.isfinite(tape.gradient(likelihood, x)).all()
    print(likelihood.numpy())
