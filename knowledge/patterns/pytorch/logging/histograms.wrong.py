"""Gradients read after zero_grad, which takes them away."""

import torch
from torch import nn

model = nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
model(torch.ones(8, 4)).mean().backward()
optimizer.step()
optimizer.zero_grad()
norms = {name: p.grad.norm() for name, p in model.named_parameters()}  # wrong: before zero_grad
