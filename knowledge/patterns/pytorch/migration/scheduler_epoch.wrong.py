"""Wrong: the epoch handed to the scheduler, which counts for itself."""

import torch

optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.1)
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[2])
for epoch in range(3):
    optimizer.step()
    scheduler.step(epoch)
