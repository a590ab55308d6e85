"""Wrong: decay=, which Keras 2 optimizers had and Keras 3 ignores."""

import keras

if __name__ == "__main__":
    optimizer = keras.optimizers.Adam(learning_rate=1e-3, decay=1e-5)
