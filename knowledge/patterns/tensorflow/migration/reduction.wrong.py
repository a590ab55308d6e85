"""Wrong: the reductions of Keras 2."""

import keras

loss = keras.losses.MeanSquaredError(reduction=keras.losses.Reduction.NONE)
