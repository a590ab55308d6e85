"""Wrong: the iterator of TensorFlow 1."""

import tensorflow as tf

dataset = tf.data.Dataset.range(5).batch(2)
batch = dataset.make_one_shot_iterator().get_next()
