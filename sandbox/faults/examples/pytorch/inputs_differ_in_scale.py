"""Tell apart three groups of points that are standardised by the statistics of the training part."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
centres = 3 * torch.randn(3, 8)
labels = torch.randint(0, 3, (480,))
points = centres[labels] + torch.randn(480, 8)
points = 20 * points + 50
mean, std = points[:384].mean(dim=0), points[:384].std(dim=0)
scaled = (points - mean) / std
train = DataLoader(TensorDataset(scaled[:384], labels[:384]), batch_size=32, shuffle=True)
test = DataLoader(TensorDataset(points[384:], labels[384:]), batch_size=32)  # WRONG
test = DataLoader(TensorDataset(scaled[384:], labels[384:]), batch_size=32)  # RIGHT
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
