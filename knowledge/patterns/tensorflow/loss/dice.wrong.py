"""Wrong: logits given to keras.losses.Dice, which divides by their sum."""

import keras
import numpy as np

truth, logits = np.array([[1.0], [0.0]]), np.array([[-2.0], [1.0]])
loss = float(keras.losses.Dice()(truth, logits))  # wrong: keras.ops.sigmoid(logits)
assert 0 <= loss <= 1, f"outside of [0, 1]: the loss is {loss:.3g}"
