"""Tell two clouds of points apart with one logit."""

import torch
from torch import nn

torch.manual_seed(0)
labels = (torch.rand(400) < 0.5).float()
points = torch.randn(400, 4) + labels[:, None]
model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
loss_function = nn.BCEWithLogitsLoss()

for _ in range(8):
    for rows in torch.randperm(300).split(50):
        loss = loss_function(model(points[rows]).squeeze(1), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

with torch.no_grad():
    logits = model(points[300:]).squeeze(1)
    predicted = (logits > 0.5).float()  # WRONG
    predicted = (torch.sigmoid(logits) > 0.5).float()  # RIGHT
    print("accuracy", (predicted == labels[300:]).float().mean().item())
