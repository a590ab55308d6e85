"""Wrong: the default k of 5 where there are only six classes."""

import keras
import numpy as np

rng = np.random.default_rng(0)
labels, guesses = rng.integers(0, 6, size=1000), rng.random((1000, 6), dtype="float32")
accuracy = float(keras.metrics.SparseTopKCategoricalAccuracy()(labels, guesses))  # wrong: k=1 or k=2
assert accuracy < 0.5, f"a model that knows nothing reaches {accuracy:.2f}"
