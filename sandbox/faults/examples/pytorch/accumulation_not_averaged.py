"""Learn a smooth function of three numbers with a small network."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(256, 3)
y = torch.sin(x).sum(dim=1, keepdim=True)
model = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.02)

for _ in range(5):
    for number, rows in enumerate(torch.randperm(256).split(16), start=1):
        loss = nn.functional.mse_loss(model(x[rows]), y[rows])
        loss.backward()  # WRONG
        (loss / 4).backward()  # RIGHT
        if number % 4 == 0:
            optimizer.step()
            optimizer.zero_grad()
