"""Wrong: a variance straight from a linear layer; where it is negative its logarithm is NaN."""

import numpy as np
from keras import ops

mean, variance = np.array([[0.3], [0.1]]), np.array([[-0.2], [0.4]])  # as a linear head gives them
loss = ops.mean(0.5 * (ops.log(variance) + ops.square(mean) / variance))  # wrong: softplus(variance) + 1e-6
assert np.isfinite(loss), f"the loss is NaN: {float(loss)}"
