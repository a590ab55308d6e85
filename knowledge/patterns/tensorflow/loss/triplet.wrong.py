"""Wrong: distances by a plain root; each point is at distance 0 of itself, where the root has no finite gradient."""

import numpy as np
import tensorflow as tf

points = tf.constant([[0.0, 1.0], [2.0, 3.0]])
with tf.GradientTape() as tape:
    tape.watch(points)
    squared = tf.reduce_sum(tf.square(points[:, None] - points[None, :]), axis=2)
    distances = tf.sqrt(squared)  # wrong: tf.sqrt(tf.maximum(squared, 1e-12))
gradient = tape.gradient(distances, points).numpy()
assert np.isfinite(gradient).all(), f"the gradient is NaN: {gradient.tolist()}"
