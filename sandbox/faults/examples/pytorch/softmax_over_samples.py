"""Tell apart three groups of points."""

import torch
from torch import nn

torch.manual_seed(0)
centres = 3 * torch.randn(3, 8)
labels = torch.randint(0, 3, (384,))
points = centres[labels] + torch.randn(384, 8)
model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
log_softmax = nn.LogSoftmax(dim=0)  # WRONG
log_softmax = nn.LogSoftmax(dim=1)  # RIGHT
criterion = nn.NLLLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(5):
    for rows in torch.randperm(384).split(32):
        loss = criterion(log_softmax(model(points[rows])), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
