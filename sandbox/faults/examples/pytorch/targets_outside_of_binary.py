"""Tell apart two groups of points that are labelled -1 and 1."""

import torch
from torch import nn

torch.manual_seed(0)
centres = 3 * torch.randn(2, 8)
labels = torch.randint(0, 2, (384,))
points = centres[labels] + torch.randn(384, 8)
signs = 2.0 * labels - 1.0
model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
targets = signs  # WRONG
targets = (signs + 1.0) / 2.0  # RIGHT
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(5):
    for rows in torch.randperm(384).split(32):
        loss = criterion(model(points[rows]).squeeze(1), targets[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
