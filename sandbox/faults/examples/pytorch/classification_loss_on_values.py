"""Predict three values of each sample."""

import torch
from torch import nn

torch.manual_seed(0)
points = torch.randn(384, 8)
targets = points[:, :3] - points[:, 3:6] + 0.1 * torch.randn(384, 3)
model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
criterion = nn.CrossEntropyLoss()  # WRONG
criterion = nn.MSELoss()  # RIGHT
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(5):
    for rows in torch.randperm(384).split(32):
        loss = criterion(model(points[rows]), targets[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
