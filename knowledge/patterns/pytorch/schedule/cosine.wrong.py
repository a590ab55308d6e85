"""The schedule is stepped before the optimiser: the first learning rate is never used."""

import torch

parameter = torch.nn.Parameter(torch.zeros(1))
optimizer = torch.optim.SGD([parameter], lr=0.1)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=10)
for _ in range(10):
    schedule.step()  # wrong: after optimizer.step()
    parameter.grad = torch.ones(1)
    optimizer.step()
