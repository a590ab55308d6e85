"""Learn a smooth function of three numbers with a small network."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(256, 3)
y = torch.sin(x).sum(dim=1, keepdim=True)
model = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(5):
    for rows in torch.randperm(256).split(32):
        loss = nn.functional.mse_loss(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward(retain_graph=True)  # WRONG
        loss.backward()  # RIGHT
        optimizer.step()
