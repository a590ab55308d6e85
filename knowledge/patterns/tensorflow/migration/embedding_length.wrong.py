"""Wrong: the length of the sequence as an argument of the Embedding."""

import keras

layer = keras.layers.Embedding(10, 8, input_length=20)
