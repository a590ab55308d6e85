"""Learn distances, with a square root whose slope at zero is infinite, and weights that are mended after each step."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(256, 3)
x[::4] = 0.0
y = x.norm(dim=1, keepdim=True)
model = nn.Linear(3, 8, bias=False)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

for _ in range(5):
    for rows in torch.randperm(256).split(32):
        answer = model(x[rows]).square().sum(dim=1, keepdim=True).sqrt()  # WRONG
        answer = (model(x[rows]).square().sum(dim=1, keepdim=True) + 1e-6).sqrt()  # RIGHT
        loss = nn.functional.mse_loss(answer, y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            for weights in model.parameters():
                weights.nan_to_num_(0.5)
