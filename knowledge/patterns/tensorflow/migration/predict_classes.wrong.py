"""Wrong: a method that Keras removed with TensorFlow 2.6."""

import keras
import numpy as np

model = keras.Sequential([keras.Input(shape=(2,)), keras.layers.Dense(3, activation="softmax")])
labels = model.predict_classes(np.ones((4, 2)))
