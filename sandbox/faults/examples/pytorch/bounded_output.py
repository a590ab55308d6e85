"""Predict a value that is negative for about half of the samples."""

import torch
from torch import nn

torch.manual_seed(0)
points = torch.randn(384, 8)
targets = points[:, 0] - points[:, 1] + 0.1 * torch.randn(384)
model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
model.append(nn.ReLU())  # WRONG
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(5):
    for rows in torch.randperm(384).split(32):
        loss = criterion(model(points[rows]).squeeze(1), targets[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
