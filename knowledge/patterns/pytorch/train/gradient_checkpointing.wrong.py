"""The reentrant form under an input that needs no gradient, such as a batch of images."""

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

block, head = nn.Linear(4, 4), nn.Linear(4, 1)
features = checkpoint(block, torch.randn(8, 4), use_reentrant=True)  # wrong: use_reentrant=False
head(features).sum().backward()
assert block.weight.grad is not None, "no gradient reached the weights of the block"
