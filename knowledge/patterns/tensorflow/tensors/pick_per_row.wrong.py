"""Wrong: indexing as in numpy."""

import tensorflow as tf

logits, labels = tf.random.normal((4, 3)), tf.constant([2, 0, 1, 2])
logits[tf.range(4), labels]  # wrong: tf.gather(logits, labels, axis=1, batch_dims=1)
