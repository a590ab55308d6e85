"""Tell two clouds apart with a network that normalises over its batches."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
y = torch.arange(320) % 2
x = torch.randn(320, 4) + 1.5 * y[:, None]
dataset = TensorDataset(x[:257], y[:257])
train = DataLoader(dataset, batch_size=32, shuffle=True)  # WRONG
train = DataLoader(dataset, batch_size=32, shuffle=True, drop_last=True)  # RIGHT
model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

for _ in range(5):
    for inputs, targets in train:
        loss = nn.functional.cross_entropy(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
