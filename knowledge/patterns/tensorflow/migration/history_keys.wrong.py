"""Wrong: the name that accuracy had in the history of Keras before 2.3."""

import keras
import numpy as np

model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy", metrics=["accuracy"], jit_compile=False)
history = model.fit(np.ones((8, 4)), np.ones((8, 1)), verbose=0)
print(history.history["acc"])
