"""A decay of 0.9995 in a training of 200 steps, from the untrained weights on: the average has hardly moved."""

import copy

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(8, 1)
average = copy.deepcopy(model)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
features = torch.randn(256, 8)
targets = features.sum(dim=1, keepdim=True)
first = nn.functional.mse_loss(average(features), targets).item()
for _ in range(200):
    optimizer.zero_grad()
    nn.functional.mse_loss(model(features), targets).backward()
    optimizer.step()
    with torch.no_grad():
        for kept, new in zip(average.parameters(), model.parameters(), strict=True):
            kept.lerp_(new, 1 - 0.9995)  # wrong here: it remembers 2,000 steps
share = nn.functional.mse_loss(average(features), targets).item() / first
assert share < 0.5, f"most of the average is still the untrained model: {share:.0%} of the first loss is left"
