"""Wrong: row means without keepdims; in a square matrix they are taken from the columns, and nothing is raised."""

import numpy as np
import tensorflow as tf

x = tf.reshape(tf.range(16.0), (4, 4))
centred = x - tf.reduce_mean(x, axis=1)  # wrong: tf.reduce_mean(x, axis=1, keepdims=True)
means = tf.reduce_mean(centred, axis=1).numpy()
assert np.abs(means).max() < 1e-5, f"the rows are not centred: means {means.tolist()}"
