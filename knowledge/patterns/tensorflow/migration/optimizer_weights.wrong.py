"""Wrong: the state of an optimizer by the method of Keras 2."""

import keras

optimizer = keras.optimizers.Adam(0.1)
state = optimizer.get_weights()
