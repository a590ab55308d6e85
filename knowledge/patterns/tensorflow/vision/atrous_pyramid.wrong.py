"""Wrong: a stride and a dilation in one layer."""

import keras

keras.layers.Conv2D(16, 3, strides=2, dilation_rate=2, padding="same")  # wrong: one of the two
