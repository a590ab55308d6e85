"""Wrong: the argument of Keras 2 for every fifth epoch."""

import keras

callback = keras.callbacks.ModelCheckpoint("model-{epoch:02d}.keras", period=5)
