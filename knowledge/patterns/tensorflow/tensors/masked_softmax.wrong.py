"""Wrong: the mask after the softmax; what is left no longer sums to 1."""

import numpy as np
from keras import ops

scores, valid = np.zeros((1, 4), "float32"), np.array([[1.0, 1.0, 0.0, 0.0]], "float32")
weights = ops.softmax(scores) * valid  # wrong: fill the scores before the softmax
assert abs(float(ops.sum(weights)) - 1) < 1e-5, f"the padding took its share: the weights sum to {ops.sum(weights)}"
