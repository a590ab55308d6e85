"""Tell three clouds of points apart, and count how often that is right."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
labels = torch.randint(0, 3, (700,))
points = torch.randn(700, 6) + 2 * nn.functional.one_hot(labels, 6)
train_loader = DataLoader(TensorDataset(points[:500], labels[:500]), batch_size=50, shuffle=True)
test_loader = DataLoader(TensorDataset(points[500:], labels[500:]), batch_size=40)
model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
correct = seen = 0  # WRONG

for epoch in range(4):
    model.train()
    for x, y in train_loader:
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    correct = seen = 0  # RIGHT
    with torch.no_grad():
        for x, y in test_loader:
            correct += (model(x).argmax(1) == y).sum().item()
            seen += len(y)
    print(f"epoch {epoch}: accuracy {correct / seen:.4f}")
