"""Wrong: the name that the slope had in Keras 2."""

import keras

layer = keras.layers.LeakyReLU(alpha=0.1)
