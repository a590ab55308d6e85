"""Learn a smooth function of three numbers with a small network."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(256, 3)
y = torch.sin(x).sum(dim=1, keepdim=True)
model = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.02)

for _ in range(5):
    batches = torch.randperm(256).split(16)
    optimizer.zero_grad()
    for number, rows in enumerate(batches, start=1):
        loss = nn.functional.mse_loss(model(x[rows]), y[rows])
        (loss / 3).backward()
        if number % 3 == 0:  # WRONG
        if number % 3 == 0 or number == len(batches):  # RIGHT
            optimizer.step()
            optimizer.zero_grad()
