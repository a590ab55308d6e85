"""One group for everything: without any gradient, the scale of the normalisation shrinks."""

import torch
from torch import nn

norm = nn.LayerNorm(4)
optimizer = torch.optim.AdamW(norm.parameters(), lr=0.1, weight_decay=0.1)  # wrong: weight_decay=0 for ndim < 2
for _ in range(20):
    norm.weight.grad, norm.bias.grad = torch.zeros(4), torch.zeros(4)
    optimizer.step()
scale = norm.weight.mean().item()
assert scale == 1, f"decay moved the scale of the normalisation from 1 to {scale:.2f}"
