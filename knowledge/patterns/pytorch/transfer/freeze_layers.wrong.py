"""requires_grad_(False) alone: the running statistics of BatchNorm go on moving."""

import torch
from torch import nn

torch.manual_seed(0)
backbone = nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU()).requires_grad_(False)
features = torch.randn(8, 4)
before = backbone.eval()(features)
backbone.train()  # wrong: a frozen backbone stays in eval mode
for _ in range(10):
    backbone(torch.randn(64, 4) + 3)
after = backbone.eval()(features)
assert torch.equal(before, after), f"the frozen backbone changed its output by up to {(before - after).abs().max():.2f}"
