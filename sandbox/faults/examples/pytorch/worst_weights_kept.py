"""Keep the weights of the epoch with the best score on held-out samples."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
y = torch.arange(320) % 2
x = torch.randn(320, 4) + 1.5 * y[:, None]
train = DataLoader(TensorDataset(x[:256], y[:256]), batch_size=32, shuffle=True)
test = DataLoader(TensorDataset(x[256:], y[256:]), batch_size=64)
model = nn.Linear(4, 2)
nn.init.constant_(model.weight[0], 0.3)
nn.init.constant_(model.weight[1], -0.3)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
best = 2.0  # WRONG
best = -1.0  # RIGHT

for _ in range(16):
    for inputs, targets in train:
        loss = nn.functional.cross_entropy(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        score = sum((model(inputs).argmax(1) == targets).float().mean() for inputs, targets in test).item()
    if score < best:  # WRONG
    if score > best:  # RIGHT
        best = score
        torch.save(model.state_dict(), "best.pt")
