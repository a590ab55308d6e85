"""Wrong: a weights file without the ending that Keras 3 asks for."""

import keras

if __name__ == "__main__":
    model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(1)])
    model.save_weights("weights.h5")
