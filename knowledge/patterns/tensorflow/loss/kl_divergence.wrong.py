"""Wrong: logits given to KLDivergence, which clips them to [1e-7, 1]."""

import keras
import numpy as np

teacher, student = np.array([[9.0, 2.0, -5.0]]), np.array([[2.0, 9.0, -5.0]])
divergence = float(keras.losses.KLDivergence()(teacher, student))  # wrong: softmax of both, or log_softmax
assert divergence > 1, f"opposite answers seem equal: a divergence of {divergence}"
