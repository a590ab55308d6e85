"""Learn the probabilities that a teacher gave."""

import torch
from torch import nn

torch.manual_seed(0)
centres = 3 * torch.randn(3, 8)
labels = torch.randint(0, 3, (384,))
points = centres[labels] + torch.randn(384, 8)
teacher = torch.softmax(points @ centres.T, dim=1)
model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
log_softmax = nn.LogSoftmax(dim=1)
criterion = nn.KLDivLoss(reduction="mean")  # WRONG
criterion = nn.KLDivLoss(reduction="batchmean")  # RIGHT
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(5):
    for rows in torch.randperm(384).split(32):
        loss = criterion(log_softmax(model(points[rows])), teacher[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
