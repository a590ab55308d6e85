"""Wrong: a float64 tensor, as numpy makes them, in a tf operation with float32."""

import numpy as np
import tensorflow as tf

features = tf.constant(np.random.default_rng(0).normal(size=(8, 4)))
tf.ones((8, 4)) + features  # wrong: tf.cast(features, tf.float32)
