"""Wrong: an epsilon against the logarithm of 0."""

import tensorflow as tf

x = tf.constant([-200.0, -201.0])
result = tf.math.log(tf.reduce_sum(tf.exp(x)) + 1e-7)  # wrong: tf.reduce_logsumexp(x)
assert abs(float(result) + 199.69) < 0.01, f"the epsilon is all that is left: {float(result):.2f} instead of -199.69"
