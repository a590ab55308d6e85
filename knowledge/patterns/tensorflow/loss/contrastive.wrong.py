"""Wrong: cosines as logits, without a temperature; even perfect embeddings leave a high loss."""

import keras
import numpy as np

embeddings = np.eye(64)  # each is its own partner and at right angles to all others
logits = embeddings @ embeddings.T  # wrong: / 0.1
loss = float(keras.losses.SparseCategoricalCrossentropy(from_logits=True)(np.arange(64), logits))
assert loss < 0.1, f"cosines are no logits: the loss of a perfect answer is {loss:.2f}"
