"""Learn a sum of three numbers by gradient descent, on whatever device there is."""

import torch
from torch import nn

torch.manual_seed(0)
device = "cuda"  # WRONG
device = "cuda" if torch.cuda.is_available() else "cpu"  # RIGHT
x = torch.randn(256, 3, device=device)
y = x.sum(dim=1, keepdim=True)
model = nn.Linear(3, 1).to(device)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

for _ in range(5):
    for rows in torch.randperm(256, device=device).split(32):
        loss = nn.functional.mse_loss(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
