"""Tell apart three groups of points, of which one column is the same for all."""

import torch
from torch import nn

torch.manual_seed(0)
labels = torch.randint(0, 3, (384,))
points = 3 * torch.randn(3, 8)[labels] + torch.randn(384, 8)
points[:, 5] = 1.0
points = (points - points.mean(dim=0)) / points.std(dim=0)  # WRONG
points = (points - points.mean(dim=0)) / points.std(dim=0).clamp_min(1e-6)  # RIGHT
model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(5):
    for rows in torch.randperm(384).split(32):
        loss = nn.functional.cross_entropy(model(points[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
