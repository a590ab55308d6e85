"""NumPy is seeded, PyTorch is not: every run starts from other weights."""

import numpy as np
from torch import nn

weights = []
for _ in range(2):
    np.random.seed(0)  # wrong: torch.manual_seed(0) as well
    weights.append(nn.Linear(3, 2).weight)
assert weights[0].equal(weights[1]), "the weights differ although the seed is the same"
