"""Learn a smooth function of three numbers with a small network."""

import copy

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(256, 3)
y = torch.sin(x).sum(dim=1, keepdim=True)
x_val = torch.randn(128, 3)
y_val = torch.sin(x_val).sum(dim=1, keepdim=True)
model = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
best, best_loss = {}, float("inf")

for _ in range(5):
    for rows in torch.randperm(256).split(32):
        loss = nn.functional.mse_loss(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        val_loss = nn.functional.mse_loss(model(x_val), y_val).item()
    if val_loss < best_loss:
        best_loss = val_loss
        best = model.state_dict()  # WRONG
        best = copy.deepcopy(model.state_dict())  # RIGHT
model.load_state_dict(best)
