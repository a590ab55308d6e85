"""Wrong: a module of Keras 2 that is no longer there."""

from keras.utils.np_utils import to_categorical

labels = to_categorical([0, 2, 1])
