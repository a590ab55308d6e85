"""Clipping the scaled gradient: what is left after unscaling hardly moves the weights."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
scaler = torch.amp.GradScaler("cpu", init_scale=65536.0)
before = model.weight.detach().clone()

loss = nn.functional.mse_loss(model(torch.randn(32, 4)), torch.full((32, 1), 100.0))
scaler.scale(loss).backward()
nn.utils.clip_grad_norm_(model.parameters(), 1.0)  # wrong: scaler.unscale_(optimizer) before it
scaler.step(optimizer)
scaler.update()
moved = (model.weight - before).norm().item()
assert moved > 0.01, f"the scaled gradient was clipped: the weights moved by {moved:.1e} instead of up to 1"
