"""Fit a line with the settings of a file."""

import json

import torch
from torch import nn

settings = json.load(open("settings.json", encoding="utf-8"))  # WRONG
settings = {"epochs": 5, "lr": 0.05}  # RIGHT

torch.manual_seed(0)
x = torch.randn(256, 3)
y = x.sum(dim=1, keepdim=True)
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=settings["lr"])

for _ in range(settings["epochs"]):
    for rows in torch.randperm(256).split(32):
        loss = nn.functional.mse_loss(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
