"""Judged by its training data, a network is right about coin tosses."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
inputs, coins = torch.randn(200, 20), torch.randint(2, (200,))
x_train, y_train, x_new, y_new = inputs[:100], coins[:100], inputs[100:], coins[100:]
model = nn.Sequential(nn.Linear(20, 128), nn.ReLU(), nn.Linear(128, 2))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(150):
    optimizer.zero_grad()
    F.cross_entropy(model(x_train), y_train).backward()
    optimizer.step()
reported = (model(x_train).argmax(dim=1) == y_train).float().mean().item()  # wrong: on data held out
honest = (model(x_new).argmax(dim=1) == y_new).float().mean().item()
assert reported < honest + 0.1, f"right for {reported:.0%} of its training data, for {honest:.0%} of new data"
