"""Accumulated without dividing the loss: the gradient is as many times too long as there are pieces."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(4, 1)
inputs, targets = torch.randn(64, 4), torch.randn(64, 1)
nn.functional.mse_loss(model(inputs), targets).backward()
whole = model.weight.grad.norm().item()

model.zero_grad()
for piece, truth in zip(inputs.split(16), targets.split(16), strict=True):
    nn.functional.mse_loss(model(piece), truth).backward()  # wrong: (loss / 4).backward()
ratio = model.weight.grad.norm().item() / whole
assert abs(ratio - 1) < 1e-4, f"the gradient grew with the number of pieces: {ratio:.1f} times that of one batch"
