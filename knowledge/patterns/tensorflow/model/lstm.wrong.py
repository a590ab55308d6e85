"""Wrong: an embedding without mask_zero, so the LSTM reads the padding as words."""

import keras
import numpy as np

if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    ids = keras.Input(shape=(None,), dtype="int32")
    x = keras.layers.Embedding(20, 16)(ids)
    x = keras.layers.Bidirectional(keras.layers.LSTM(16))(x)
    model = keras.Model(ids, keras.layers.Dense(2)(x))
    short = np.array([[5, 3, 9, 4]])
    padded = np.array([[5, 3, 9, 4, 0, 0, 0, 0, 0, 0]])
    difference = float(abs(model(short) - model(padded)).numpy().max())
    assert difference < 1e-5, f"padding changes the logits by {difference:.3f}"
