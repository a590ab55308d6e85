"""The loop as for any other optimizer: L-BFGS has to evaluate the loss itself."""

import torch
from torch import nn

model = nn.Linear(2, 1)
optimizer = torch.optim.LBFGS(model.parameters())
optimizer.zero_grad()
model(torch.randn(8, 2)).square().mean().backward()
optimizer.step()  # wrong: optimizer.step(closure)
