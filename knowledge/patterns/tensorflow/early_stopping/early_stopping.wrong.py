"""Wrong: early stopping on val_loss without validation data; it never stops."""

import keras
import numpy as np

if __name__ == "__main__":
    model = keras.Sequential([keras.Input(shape=(2,)), keras.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse", jit_compile=False)
    stopper = keras.callbacks.EarlyStopping(monitor="val_loss", patience=1)
    model.fit(np.zeros((8, 2)), np.zeros((8, 1)), epochs=3, verbose=0, callbacks=[stopper])
