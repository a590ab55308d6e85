"""Tell apart two groups of points with a single output."""

import torch
from torch import nn

torch.manual_seed(0)
centres = 3 * torch.randn(2, 8)
labels = torch.randint(0, 2, (384,))
points = centres[labels] + torch.randn(384, 8)
model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
activation = nn.Softmax(dim=1)  # WRONG
activation = nn.Sigmoid()  # RIGHT
criterion = nn.BCELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(5):
    for rows in torch.randperm(384).split(32):
        answers = activation(model(points[rows])).squeeze(1)
        loss = criterion(answers, labels[rows].float())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
