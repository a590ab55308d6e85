"""Functions that train and evaluate, for the programs that use them in odd surroundings."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x = torch.randn(256, 8)
y = (x[:, 0] > 0).long()
train = DataLoader(TensorDataset(x[:192], y[:192]), batch_size=32, shuffle=True)
test = DataLoader(TensorDataset(x[192:], y[192:]), batch_size=32)
model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2))
optimizer = torch.optim.Adam(model.parameters(), 1e-2)


def fit(model, loader, epochs=5):
    model.train()
    for _ in range(epochs):
        for a, b in loader:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(a), b)
            loss.backward()
            optimizer.step()


def evaluate(model):
    model.eval()
    right = 0
    with torch.no_grad():
        for a, b in test:
            right += int((model(a).argmax(1) == b).sum())
    return right / 64
