"""Wrong: the state of a recurrent model cleared by the method of Keras 2."""

import keras

model = keras.Sequential([keras.Input(batch_shape=(4, None, 2)), keras.layers.LSTM(3, stateful=True)])
model.reset_states()
