"""Wrong: plain sums over the neighbours; after two layers the busiest node is far above the others."""

import numpy as np
from keras import ops

pairs = np.array([[0] * 99, range(1, 100)])  # a star: node 0 knows everybody
source, target = np.concatenate([pairs, pairs[::-1], np.tile(np.arange(100), (2, 1))], axis=1)
x = np.ones((100, 1), "float32")
for _ in range(2):
    x = ops.segment_sum(ops.take(x, source, axis=0), target, num_segments=100)  # wrong: weight 1 / sqrt(both degrees)
largest = float(ops.max(x))
assert largest < 11, f"the output grows with the number of neighbours: {largest:.0f} from features of 1"
