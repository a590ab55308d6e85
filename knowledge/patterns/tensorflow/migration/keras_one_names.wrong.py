"""Wrong: the arguments of Keras 1."""

from keras import layers

layer = layers.Conv2D(8, 3, border_mode="same", subsample=(2, 2))
