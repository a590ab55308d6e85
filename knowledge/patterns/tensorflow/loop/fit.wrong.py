"""Wrong: workers and use_multiprocessing, which fit took in Keras 2."""

import keras
import numpy as np

if __name__ == "__main__":
    model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    model.fit(np.zeros((8, 4)), np.zeros((8, 1)), epochs=1, workers=4, use_multiprocessing=True)
