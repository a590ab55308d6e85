"""Wrong: the loss of a train_step by the attribute of Keras 2."""

import keras
import numpy as np

model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
x = np.ones((4, 3), "float32")
loss = model.compiled_loss(np.ones((4, 1), "float32"), model(x))
