"""Wrong: a mask as sample_weight with the default reduction."""

import keras
import numpy as np

truth, guess = np.zeros((1, 4, 1)), np.full((1, 4, 1), 2.0)
mask = np.array([[1.0, 0.0, 0.0, 0.0]])
loss = float(keras.losses.MeanSquaredError()(truth, guess, sample_weight=mask))  # wrong: mean_with_sample_weight
assert loss == 4, f"divided by the masked positions too: {loss} instead of 4"
