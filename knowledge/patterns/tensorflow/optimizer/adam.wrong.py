"""Wrong: lr, the argument's name in Keras 2."""

import keras

if __name__ == "__main__":
    optimizer = keras.optimizers.Adam(lr=0.001)
