"""Wrong: an int as seed; keras.random then gives the same numbers at each call."""

import keras
import numpy as np

first, second = (np.asarray(keras.random.normal((3,), seed=1)) for _ in range(2))  # wrong: a SeedGenerator(1)
assert not np.array_equal(first, second), f"the noise is the same in both steps: {first}"
