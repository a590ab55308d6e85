"""Learn a sum of three numbers by gradient descent."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(256, 3)
y = x.sum(dim=1, keepdim=True)
model = nn.Linear(3, 1)
steps = 40
warmup = 10
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: (step // steps) / warmup)  # WRONG
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, (step + 1) / warmup))  # RIGHT

for _ in range(steps // 8):
    for rows in torch.randperm(256).split(32):
        loss = nn.functional.mse_loss(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
