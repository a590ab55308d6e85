"""Wrong: types without shapes; the pipeline fails at the padding."""

import numpy as np
import tensorflow as tf

dataset = tf.data.Dataset.from_generator(lambda: iter([np.arange(3), np.arange(1)]), output_types=tf.int64)
batch = next(iter(dataset.padded_batch(2)))
