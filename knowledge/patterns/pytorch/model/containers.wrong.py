"""A list times 3: the same layer stands in it three times, and there is one set of weights."""

import torch
from torch import nn

blocks = nn.ModuleList([nn.Linear(8, 8)] * 3)  # wrong: nn.ModuleList(nn.Linear(8, 8) for _ in range(3))
optimizer = torch.optim.SGD(blocks.parameters(), lr=0.1)
count = sum(parameter.numel() for group in optimizer.param_groups for parameter in group["params"])
assert count == 3 * (8 * 8 + 8), f"the blocks are one and the same: {count} parameters instead of {3 * 72}"
