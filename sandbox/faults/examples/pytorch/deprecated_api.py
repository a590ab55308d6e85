"""Learn a sum of three numbers by gradient descent."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(256, 3)
y = x.sum(dim=1, keepdim=True)
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

for _ in range(5):
    for rows in torch.randperm(256).split(32):
        with torch.cpu.amp.autocast(dtype=torch.bfloat16):  # WRONG
        with torch.autocast("cpu", dtype=torch.bfloat16):  # RIGHT
            answer = model(x[rows])
        loss = nn.functional.mse_loss(answer.float(), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
