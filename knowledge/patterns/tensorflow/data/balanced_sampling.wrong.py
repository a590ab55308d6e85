"""Wrong: the data set of the rare class is not repeated. It runs dry, and the others go on alone."""

import numpy as np
import tensorflow as tf

common = tf.data.Dataset.from_tensors(0).repeat(900)
rare = tf.data.Dataset.from_tensors(1).repeat(100)  # 100 samples; wrong: .repeat() is missing
mixed = tf.data.Dataset.sample_from_datasets([common, rare], weights=[0.5, 0.5], seed=0)
labels = np.array(list(mixed.as_numpy_iterator()))
assert labels[:100].sum() > 30
assert labels[500:].sum() > 0, "no rare sample in the last half of the epoch"
