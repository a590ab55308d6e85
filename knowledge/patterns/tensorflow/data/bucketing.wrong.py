"""Wrong: batch() on sequences of different lengths."""

import tensorflow as tf

dataset = tf.data.Dataset.from_generator(
    lambda: iter([[5, 6, 7], [8]]), output_signature=tf.TensorSpec((None,), tf.int32)
)
batch = next(iter(dataset.batch(2)))  # wrong: padded_batch(2)
