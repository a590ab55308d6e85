"""A small fixed deviation, whatever the width: after thirty layers nothing of the input is left."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(*[layer for _ in range(30) for layer in (nn.Linear(256, 256), nn.ReLU())])
for module in model:
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.02)  # wrong: 2 / 256 is the variance, so std = 0.088
        nn.init.zeros_(module.bias)
size = model(torch.randn(512, 256)).std().item()
assert size > 0.1, f"the signal died out: a deviation of {size:.1e} after 30 layers"
