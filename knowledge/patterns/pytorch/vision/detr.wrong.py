"""Wrong: query number i has to find object number i. The order of a set means nothing, and no query can know it."""

import torch
from torch.nn import functional as F

truth = torch.tensor([[0.2, 0.3, 0.1, 0.1], [0.7, 0.6, 0.2, 0.2]])
boxes = truth.flip(0)  # both found exactly, by the queries in another order
loss = F.l1_loss(boxes, truth)  # wrong: boxes[match(...)], by linear_sum_assignment
assert loss == 0, f"a perfect answer in another order has a loss of {loss:.2f}"
