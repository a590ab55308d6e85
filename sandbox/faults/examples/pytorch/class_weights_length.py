"""Tell apart three groups of points, of which one is rare."""

import torch
from torch import nn

torch.manual_seed(0)
centres = 2 * torch.randn(3, 8)
labels = torch.multinomial(torch.tensor([0.7, 0.2, 0.1]), 384, replacement=True)
points = centres[labels] + torch.randn(384, 8)
counts = torch.bincount(labels)
model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
weights = counts.sum() / (3 * counts)
weights = weights[1:]  # WRONG
criterion = nn.CrossEntropyLoss(weight=weights)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(5):
    for rows in torch.randperm(384).split(32):
        loss = criterion(model(points[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
