"""Wrong: a Sequential that does not know its input has no outputs to take."""

import keras

model = keras.Sequential([keras.layers.Dense(8, activation="relu"), keras.layers.Dense(2)])  # keras.Input is missing
keras.Model(keras.Input((4,)), model.layers[0].output)
