"""verbose=True was removed from all learning-rate schedules."""

import torch

optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
torch.optim.lr_scheduler.StepLR(optimizer, step_size=3, verbose=True)  # wrong: read schedule.get_last_lr()
