"""Say which of three properties a point has; it may have several."""

import torch
from torch import nn

torch.manual_seed(0)
points = torch.randn(384, 8)
labels = (points[:, :3] > 0).float()
model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
activation = nn.Softmax(dim=1)  # WRONG
activation = nn.Sigmoid()  # RIGHT
criterion = nn.BCELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(5):
    for rows in torch.randperm(384).split(32):
        loss = criterion(activation(model(points[rows])), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
