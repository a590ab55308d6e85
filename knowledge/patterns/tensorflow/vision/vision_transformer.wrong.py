"""Wrong: a TensorFlow function on the symbolic tensor of a functional model."""

import keras
import tensorflow as tf

images = keras.Input((16, 16, 3))
patches = tf.image.extract_patches(images, [1, 4, 4, 1], [1, 4, 4, 1], [1, 1, 1, 1], "VALID")  # wrong: a layer
keras.Model(images, keras.layers.Dense(32)(patches))
