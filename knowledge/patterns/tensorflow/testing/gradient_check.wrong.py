"""Wrong: a gradient that forgets the product rule; the values are plausible, and training goes astray."""

import numpy as np
import tensorflow as tf


@tf.custom_gradient
def swish(x: tf.Tensor) -> tuple[tf.Tensor, object]:
    """x * sigmoid(x)."""
    sigmoid = tf.sigmoid(x)
    return x * sigmoid, lambda upstream: upstream * sigmoid  # wrong: + x * sigmoid * (1 - sigmoid)


(given,), (measured,) = tf.test.compute_gradient(swish, [tf.linspace(tf.constant(-2.0, tf.float64), 2.0, 5)])
error = float(np.abs(given - measured).max())
assert error < 1e-4, f"the gradient is off by up to {error:.2f}"
