"""Wrong: ReduceLROnPlateau on an optimizer that follows a schedule already."""

import keras
import numpy as np

if __name__ == "__main__":
    schedule = keras.optimizers.schedules.CosineDecay(1e-3, decay_steps=1000)
    model = keras.Sequential([keras.Input(shape=(2,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(schedule), loss="mse", jit_compile=False)
    x = np.zeros((8, 2), dtype="float32")
    plateau = keras.callbacks.ReduceLROnPlateau(monitor="loss", patience=1)
    model.fit(x, np.zeros((8, 1)), epochs=4, verbose=0, callbacks=[plateau])
