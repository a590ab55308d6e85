"""Tell points with a positive sum from the others."""

import torch
from torch import nn

torch.manual_seed(0)
points = torch.randn(384, 8)
labels = (points.sum(dim=1, keepdim=True) > 0).float()
model = nn.Sequential(
    nn.Linear(8, 16),
    nn.ReLU(),
    nn.Linear(16, 1),
    nn.LayerNorm(1),  # WRONG
)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(5):
    for rows in torch.randperm(384).split(32):
        loss = nn.functional.binary_cross_entropy_with_logits(model(points[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
