"""Learn a sum of three numbers by gradient descent."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(256, 3)
y = x.sum(dim=1, keepdim=True)
body = nn.Sequential(nn.Linear(3, 16), nn.ReLU())
head = nn.Linear(16, 1)
model = nn.Sequential(body, head)
optimizer = torch.optim.SGD(head.parameters(), lr=0.05)  # WRONG
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)  # RIGHT

for _ in range(5):
    for rows in torch.randperm(256).split(32):
        loss = nn.functional.mse_loss(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
