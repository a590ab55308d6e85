"""ReduceLROnPlateau stepped like the other schedules, without the loss it watches."""

import torch

optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=2)
optimizer.step()
schedule.step()  # wrong: schedule.step(val_loss)
