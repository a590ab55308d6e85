"""Wrong: input_shape on the first layer, as in Keras 2."""

import keras

if __name__ == "__main__":
    model = keras.Sequential([keras.layers.Dense(64, activation="relu", input_shape=(10,)), keras.layers.Dense(1)])
