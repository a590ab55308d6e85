"""Tell two clouds apart by the number of their class."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
y = torch.arange(320) % 2
x = torch.randn(320, 4) + 1.5 * y[:, None]
train = DataLoader(TensorDataset(x[:256], y[:256]), batch_size=32, shuffle=True)
model = nn.Linear(4, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

for _ in range(5):
    for inputs, targets in train:
        loss = nn.functional.cross_entropy(model(inputs), targets.float())  # WRONG
        loss = nn.functional.cross_entropy(model(inputs), targets)  # RIGHT
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
