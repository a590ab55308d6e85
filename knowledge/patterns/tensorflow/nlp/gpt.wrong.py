"""Wrong: self-attention without the causal mask; every position reads the answer."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
attention = keras.layers.MultiHeadAttention(2, key_dim=4)
text = np.random.default_rng(0).normal(size=(1, 4, 8)).astype("float32")
other = text.copy()
other[0, 3] += 1  # only the last token differs
outputs = [np.asarray(attention(x, x)) for x in (text, other)]  # wrong: use_causal_mask=True
change = np.abs(outputs[0] - outputs[1])[0, 0].max()
assert change < 1e-6, f"position 0 sees the tokens after it: its output changed by {change:.2f}"
