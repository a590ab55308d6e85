"""Wrong: the settings of a session in TensorFlow 1."""

import tensorflow as tf

config = tf.ConfigProto()
config.gpu_options.allow_growth = True
