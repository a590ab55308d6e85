"""Wrong: writing into a tensor, as into a numpy array."""

import tensorflow as tf

x = tf.zeros((4, 5))
x[0, 0] = 7.0  # wrong: keras.ops.scatter_update(x, [[0, 0]], [7.0])
