"""Tell apart three groups of points."""

import torch
from torch import nn

torch.manual_seed(0)
centres = 3 * torch.randn(3, 8)
labels = torch.randint(0, 3, (384,))
points = centres[labels] + torch.randn(384, 8)
model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(5):
    model.train()  # RIGHT
    for rows in torch.randperm(320).split(32):
        loss = nn.functional.cross_entropy(model(points[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        right = (model(points[320:]).argmax(dim=1) == labels[320:]).float().mean()
    print("accuracy", right.item())
