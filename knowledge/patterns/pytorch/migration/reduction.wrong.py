"""Wrong: the sum of a loss, asked for as in PyTorch 0.4."""

import torch
from torch import nn

loss = nn.MSELoss(size_average=False)(torch.tensor([1.0, 2.0]), torch.zeros(2))
assert loss.item() == 5.0
