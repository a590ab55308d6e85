"""Wrong: the plural of Keras 2."""

import keras

metric = keras.metrics.Mean()
metric.update_state(4.0)
metric.reset_states()
