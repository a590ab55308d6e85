"""Wrong: the mean of the squares minus the square of the mean, in float32."""

import tensorflow as tf

tf.random.set_seed(0)
x = tf.random.normal((1000,)) + 10_000  # variance 1
variance = float(tf.reduce_mean(x**2) - tf.reduce_mean(x) ** 2)  # wrong: tf.math.reduce_variance(x)
assert abs(variance - 1) < 0.2, f"the variance is lost: {variance:.2f} instead of 1"
