"""Tell apart three groups of points, in batches that are cut anew for each epoch."""

import torch
from torch import nn

torch.manual_seed(0)
centres = 3 * torch.randn(3, 8)
labels = torch.randint(0, 3, (480,))
points = centres[labels] + torch.randn(480, 8)
model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(5):
    batches = [torch.arange(start, start + 32) for start in 32 * torch.randperm(12)]  # WRONG
    batches = torch.randperm(384).split(32)  # RIGHT
    for rows in batches:
        loss = nn.functional.cross_entropy(model(points[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
model.eval()
with torch.no_grad():
    right = (model(points[384:]).argmax(dim=1) == labels[384:]).float().mean()
print("accuracy", right.item())
