"""Wrong: a reshape straight to the shape that is wanted; it fits, and mixes the tokens."""

import numpy as np
import tensorflow as tf

x = np.repeat(np.arange(5), 12).reshape(1, 5, 12)  # (B, T, heads * D); every number is that of its token
heads = tf.reshape(x, (1, 3, 5, 4))  # wrong: tf.transpose(tf.reshape(x, (1, 5, 3, 4)), (0, 2, 1, 3))
tokens = heads[0, 0, :, 0].numpy().tolist()
assert tokens == [0, 1, 2, 3, 4], f"a head sees other tokens: {tokens}"
