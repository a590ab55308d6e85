"""Tell apart two groups of points."""

import torch
from torch import nn

torch.manual_seed(0)
centres = 3 * torch.randn(2, 8)
labels = torch.randint(0, 2, (384,))
points = centres[labels] + torch.randn(384, 8)
model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
criterion = nn.BCELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(5):
    for rows in torch.randperm(384).split(32):
        answers, targets = model(points[rows]).squeeze(1), labels[rows].float()
        loss = criterion(targets, answers)  # WRONG
        loss = criterion(answers, targets)  # RIGHT
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
