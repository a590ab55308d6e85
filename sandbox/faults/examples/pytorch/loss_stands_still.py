"""Tell two noisy clouds apart; the loss must fall from that of a guess."""

import torch
from torch import nn

torch.manual_seed(0)
y = torch.arange(256) % 2
x = torch.randn(256, 4) + 2.0 * y[:, None]
model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=1e-5)  # WRONG
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)  # RIGHT

for _ in range(10):
    for rows in torch.randperm(256).split(32):
        loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
