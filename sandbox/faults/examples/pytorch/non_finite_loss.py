"""Fit the logarithm of positive numbers."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(256, 3)
y = x.exp().sum(dim=1, keepdim=True)
model = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(5):
    for rows in torch.randperm(256).split(32):
        answer = torch.log(model(x[rows]))  # WRONG
        answer = torch.log(nn.functional.softplus(model(x[rows])) + 1e-6)  # RIGHT
        loss = nn.functional.mse_loss(answer, y[rows].log())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
