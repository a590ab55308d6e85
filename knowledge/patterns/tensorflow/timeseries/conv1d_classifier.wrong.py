"""Wrong: signals of one channel without the dimension for it."""

import keras
import numpy as np

signals = np.random.default_rng(0).normal(size=(8, 100))  # (B, T)
keras.layers.Conv1D(16, 9)(signals)  # wrong: signals[..., None]
