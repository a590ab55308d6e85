"""Wrong: quantize on a convolutional network. It warns, and leaves the convolution as it is."""

import keras

model = keras.Sequential([keras.Input(shape=(28, 28, 1)), keras.layers.Conv2D(64, 3), keras.layers.Flatten()])
model.quantize("int8")
kind = str(model.layers[0].kernel.dtype)
assert kind == "int8", f"the convolution is still {kind}"
