"""Wrong: metrics=["accuracy"] on a head of one logit; the threshold is 0.5, where a logit's is 0."""

import keras
import numpy as np

if __name__ == "__main__":
    logits = np.array([[-3.0], [0.3], [0.4], [5.0]], dtype="float32")
    labels = np.array([[0], [1], [1], [1]])  # every sign is right
    model = keras.Sequential([keras.Input(shape=(1,)), keras.layers.Identity()])
    model.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True), metrics=["accuracy"], jit_compile=False)
    accuracy = model.evaluate(logits, labels, verbose=0, return_dict=True)["accuracy"]
    assert accuracy == 1.0, f"logits were compared with 0.5: accuracy {accuracy}, in truth 1.0"
