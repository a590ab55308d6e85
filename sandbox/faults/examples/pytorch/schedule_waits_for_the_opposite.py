"""Learn a smooth function of three numbers, more slowly once it gets no better."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(400, 3)
y = torch.sin(x).sum(dim=1, keepdim=True)
model = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode="max", patience=1)  # WRONG
schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode="min", patience=1)  # RIGHT

for _ in range(10):
    for rows in torch.randperm(300).split(30):
        loss = nn.functional.mse_loss(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        schedule.step(nn.functional.mse_loss(model(x[300:]), y[300:]))
