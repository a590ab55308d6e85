"""The schedule is made for as many steps as there are epochs, and stepped after every batch."""

import torch
from torch import nn

model = nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
epochs, batches = 10, 5
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, total_steps=epochs)  # wrong: epochs * batches
for _ in range(epochs):
    for _ in range(batches):
        optimizer.step()
        scheduler.step()
