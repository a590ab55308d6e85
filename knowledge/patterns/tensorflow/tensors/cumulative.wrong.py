"""Wrong: the product that includes the current element; the first surface dims itself."""

import tensorflow as tf

opacity = tf.constant([0.5, 1.0])  # the second surface lets nothing pass
weights = opacity * tf.math.cumprod(1 - opacity)  # wrong: exclusive=True
assert float(tf.reduce_sum(weights)) == 1, f"the light is lost: the weights sum to {float(tf.reduce_sum(weights))}"
