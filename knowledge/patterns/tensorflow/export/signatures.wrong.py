"""Wrong: the scaling stays in the training script. The served model takes raw pixels without a word, and errs."""

import tempfile

import keras
import numpy as np
import tensorflow as tf

if __name__ == "__main__":
    model = keras.Sequential([keras.Input(shape=(1,)), keras.layers.Dense(2)])
    model.layers[0].set_weights(
        [np.array([[-8.0, 8.0]]), np.array([4.0, -4.0])]
    )  # trained on pixel / 255: is it light?
    dark = np.array([[60.0]], dtype="float32")
    assert model.predict(dark / 255, verbose=0).argmax() == 0
    with tempfile.TemporaryDirectory() as folder:
        model.export(folder, verbose=False)
        served = tf.saved_model.load(folder)
        answer = served.serve(dark).numpy().argmax()
    assert answer == 0, "the served model was given raw pixels, and calls dark light"
