# /// pattern
# id = "tf.testing.gradient-check"
# topic = "testing.gradients"
# twin = "pt.testing.gradient-check"
# questions = [
#     "check a custom gradient tensorflow",
#     "tf.custom_gradient is my backward correct",
#     "compare analytical and numerical gradients keras",
#     "tf.test.compute_gradient example",
#     "numerical gradient check float64 tensorflow",
#     "custom op gradient unit test tf",
#     "grad check finite diferences tensorflow",
# ]
# errors = ["ValueError: custom_gradient function expected to return 2 gradients, but returned 1 instead."]
# apis = ["tf.custom_gradient", "tf.test.compute_gradient", "tf.GradientTape"]
# replaces = ["tf.test.compute_gradient_error", "tf.compat.v1.test.compute_gradient", "tf.RegisterGradient"]
# why = """compute_gradient moves each input element a little, forwards and backwards, and sets the slopes beside what
# the gradient function says: an independent answer to the question whether the formula is right. In float64 they agree
# to six digits; in float32 the differences drown in rounding."""
# pitfalls = """Inputs away from kinks such as relu at 0; few elements, as each costs two calls. A gradient function
# gives one gradient for each argument, in its shape: sum over what was broadcast."""
# when_not = "A function made of TensorFlow's own operations: the tape derives it, there is nothing to check."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the gradient is off"
# ///
"""A function with a gradient of its own, checked against finite differences."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf


@tf.custom_gradient
def swish(x: tf.Tensor, beta: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]]:
    """x * sigmoid(beta * x), beta being a number; keeps the sigmoid for the gradient, and nothing more."""
    sigmoid = tf.sigmoid(beta * x)

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        slope = sigmoid * (1 - sigmoid)
        return upstream * (sigmoid + beta * x * slope), tf.reduce_sum(upstream * x * x * slope)

    return x * sigmoid, gradient


def largest_gradient_error(function: Callable[..., tf.Tensor], arguments: list[tf.Tensor]) -> float:
    """Largest difference between the gradient that is given and the one by finite differences; float64 arguments."""
    given, measured = tf.test.compute_gradient(function, arguments, delta=1e-5)  # a Jacobian for each argument
    return max(float(np.abs(a - b).max()) for a, b in zip(given, measured, strict=True))


if __name__ == "__main__":
    x = tf.constant(np.random.default_rng(0).normal(size=(3, 4)))  # float64
    beta = tf.constant(1.3, tf.float64)
    error = largest_gradient_error(swish, [x, beta])
    assert error < 1e-7, error

    def of_operations(x: tf.Tensor, beta: tf.Tensor) -> tf.Tensor:
        return x * tf.sigmoid(beta * x)

    with tf.GradientTape(persistent=True) as tape:
        tape.watch([x, beta])
        results = swish(x, beta), of_operations(x, beta)
    for by_hand, by_tape in zip(*(tape.gradient(result, [x, beta]) for result in results), strict=True):
        np.testing.assert_allclose(by_hand, by_tape, rtol=1e-9)
    print(f"largest error of the gradient {error:.1e}")
