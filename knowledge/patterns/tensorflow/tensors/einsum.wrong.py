"""Wrong: the batch's letter is missing on the right, so einsum sums over the batch."""

import tensorflow as tf

left, right = tf.random.normal((8, 2, 3)), tf.random.normal((8, 3, 4))
product = tf.einsum("bij,bjk->ik", left, right)  # wrong: "bij,bjk->bik"
assert product.shape == (8, 2, 4), f"the batch was summed away: {tuple(product.shape)}"
