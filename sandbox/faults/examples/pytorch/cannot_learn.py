"""Tell whether two numbers have the same sign, with an output that must not be saturated to learn."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(256, 2)
y = (x.prod(dim=1, keepdim=True) > 0).float()
model = nn.Sequential(nn.Linear(2, 64), nn.Tanh(), nn.Linear(64, 1), nn.Sigmoid())
nn.init.normal_(model[2].weight, std=1e4)  # WRONG
nn.init.normal_(model[2].weight, std=0.1)  # RIGHT
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(20):
    for rows in torch.randperm(256).split(32):
        loss = nn.functional.binary_cross_entropy(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
