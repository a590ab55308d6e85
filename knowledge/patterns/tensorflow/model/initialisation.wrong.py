"""Wrong: one initializer object for two layers of one shape; they get the very same weights."""

import keras
import numpy as np

initializer = keras.initializers.HeNormal(seed=0)  # wrong to share; without the seed it is no better
first = keras.layers.Dense(8, kernel_initializer=initializer)
second = keras.layers.Dense(8, kernel_initializer=initializer)
first.build((None, 8))
second.build((None, 8))
same = np.array_equal(first.kernel.value, second.kernel.value)
assert not same, "both layers begin with the same weights"
