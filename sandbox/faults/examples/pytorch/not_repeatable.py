"""Fit a line with inputs that come from numpy, and a first guess that comes from torch."""

import time

import numpy as np
import torch
from torch import nn

torch.manual_seed(0)
random = np.random.default_rng(time.time_ns())  # WRONG
random = np.random.default_rng(0)  # RIGHT

x = torch.from_numpy(random.normal(size=(256, 3))).float()
y = x.sum(dim=1, keepdim=True)
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

for _ in range(5):
    for rows in torch.randperm(256).split(32):
        loss = nn.functional.mse_loss(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
