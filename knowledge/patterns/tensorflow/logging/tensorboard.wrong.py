"""Wrong: write_grads, which the callback had in TensorFlow 1."""

import keras

if __name__ == "__main__":
    callback = keras.callbacks.TensorBoard("logs", histogram_freq=1, write_grads=True)
