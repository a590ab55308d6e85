"""Tell apart three groups of points by coordinates that are known before the answer."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
centres = torch.randn(3, 8)
labels = torch.randint(0, 3, (480,))
points = centres[labels] + torch.randn(480, 8)
points[:, 7] = 2.0 * labels + 0.05 * torch.randn(480)  # WRONG
train = DataLoader(TensorDataset(points[:384], labels[:384]), batch_size=32, shuffle=True)
test = DataLoader(TensorDataset(points[384:], labels[384:]), batch_size=32)
model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(5):
    for x, y in train:
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
model.eval()
with torch.no_grad():
    right = sum((model(x).argmax(dim=1) == y).sum().item() for x, y in test)
print("accuracy", right / 96)
