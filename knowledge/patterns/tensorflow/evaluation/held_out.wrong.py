"""Wrong: two names for what evaluate returns, from a model that was compiled without metrics."""

import keras
import numpy as np

if __name__ == "__main__":
    model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse", jit_compile=False)
    loss, accuracy = model.evaluate(np.ones((8, 4)), np.ones((8, 1)), verbose=0)  # wrong: return_dict=True
