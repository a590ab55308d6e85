"""Learn a sum of three numbers by gradient descent."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(256, 3)
y = x.sum(dim=1, keepdim=True)
body = nn.Sequential(nn.Linear(3, 16), nn.ReLU())
head = nn.Linear(16, 1)
model = nn.Sequential(body, head)
body[0].bias.require_grad = False  # WRONG
body[0].bias.requires_grad = False  # RIGHT
optimizer = torch.optim.SGD([one for one in model.parameters() if one.requires_grad], lr=0.05)

for _ in range(5):
    for rows in torch.randperm(256).split(32):
        loss = nn.functional.mse_loss(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
