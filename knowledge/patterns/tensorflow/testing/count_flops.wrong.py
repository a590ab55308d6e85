"""Wrong: a model that does not know its input has no weights yet."""

import keras

model = keras.Sequential([keras.layers.Dense(8), keras.layers.Dense(2)])  # wrong: keras.Input is missing
model.count_params()
