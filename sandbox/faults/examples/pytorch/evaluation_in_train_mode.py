"""Tell apart three groups of points, and count how many of the held-out ones are told right."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
centres = 3 * torch.randn(3, 8)
labels = torch.randint(0, 3, (384,))
points = centres[labels] + torch.randn(384, 8)
train = DataLoader(TensorDataset(points[:320], labels[:320]), batch_size=32, shuffle=True)
test = DataLoader(TensorDataset(points[320:], labels[320:]), batch_size=32)
model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(5):
    model.train()
    for x, y in train:
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
model.eval()  # RIGHT
with torch.no_grad():
    right = sum((model(x).argmax(dim=1) == y).sum().item() for x, y in test)
print("accuracy", right / 64)
