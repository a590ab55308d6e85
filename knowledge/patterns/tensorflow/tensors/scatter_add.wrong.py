"""Wrong: an update where a sum is meant; of several values for one place only one is kept."""

import numpy as np
from keras import ops

group = np.array([0, 0, 2])
totals = ops.scatter_update(np.zeros(3, "float32"), group[:, None], np.ones(3, "float32"))  # wrong: ops.segment_sum
assert float(ops.sum(totals)) == 3, f"values were lost: the sum of three ones is {float(ops.sum(totals)):.0f}"
