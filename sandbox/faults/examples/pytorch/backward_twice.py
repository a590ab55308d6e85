"""Learn a smooth function of three numbers with a small network."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(256, 3)
y = torch.sin(x).sum(dim=1, keepdim=True)
body = nn.Sequential(nn.Linear(3, 32), nn.Tanh())
heads = nn.ModuleList([nn.Linear(32, 1), nn.Linear(32, 1)])
optimizer = torch.optim.Adam([*body.parameters(), *heads.parameters()], lr=0.01)

for _ in range(5):
    for rows in torch.randperm(256).split(32):
        features = body(x[rows])  # (N, 32)
        first = nn.functional.mse_loss(heads[0](features), y[rows])
        second = nn.functional.mse_loss(heads[1](features), -y[rows])
        optimizer.zero_grad()
        first.backward()  # WRONG
        second.backward()  # WRONG
        (first + second).backward()  # RIGHT
        optimizer.step()
