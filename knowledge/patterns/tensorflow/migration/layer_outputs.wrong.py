"""Wrong: a layer's shape by the attribute of Keras 2."""

import keras

model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(5)])
print(model.layers[0].output_shape)
