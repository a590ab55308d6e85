"""Wrong: class numbers given to F1Score, which wants one-hot targets."""

import keras
import numpy as np

scores = np.array([[0.9, 0.1], [0.2, 0.8]])
keras.metrics.F1Score(average="macro")(np.array([0, 1]), scores)  # wrong: np.eye(2)[[0, 1]]
