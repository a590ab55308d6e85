"""Wrong: without padding="same" the branch is smaller than the shortcut."""

import keras
from keras import layers

inputs = keras.Input((14, 14, 32))
branch = layers.DepthwiseConv2D(7)(inputs)  # wrong: padding="same"
layers.Add()([inputs, branch])
