"""Wrong: upsampling by a factor of 2; an odd size was rounded down on the way, and no longer fits the skip."""

import keras
from keras import layers

inputs = keras.Input((19, 19, 1))
skip = layers.Conv2D(8, 3, padding="same")(inputs)
low = layers.MaxPooling2D(2)(skip)  # 9 x 9
layers.Concatenate()([layers.UpSampling2D(2)(low), skip])  # wrong: ops.image.resize(low, skip.shape[1:3])
