"""Wrong: PyTorch's layout (batch, heads, time, width), handed to Keras as it is."""

import numpy as np
from keras import ops

q, k, v = np.random.default_rng(0).normal(size=(3, 2, 4, 6, 8)).astype("float32")  # 4 heads, 6 steps
scores = np.exp(q @ k.swapaxes(-2, -1) / np.sqrt(8))
expected = scores / scores.sum(axis=-1, keepdims=True) @ v
result = ops.convert_to_numpy(ops.dot_product_attention(q, k, v))  # wrong: moveaxis(1, 2), there and back
difference = np.abs(result - expected).max()
assert result.shape == expected.shape
assert difference < 1e-4, f"the result is that of another attention, off by {difference:.1f}"
