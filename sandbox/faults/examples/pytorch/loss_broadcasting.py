"""Learn a sum of three numbers, with targets of shape (N,)."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(256, 3)
y = x.sum(dim=1)
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

for _ in range(5):
    for rows in torch.randperm(256).split(32):
        answer = model(x[rows])  # WRONG
        answer = model(x[rows]).squeeze(1)  # RIGHT
        loss = (answer - y[rows]).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
