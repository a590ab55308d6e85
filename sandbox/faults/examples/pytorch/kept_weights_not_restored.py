"""Learn a smooth function of three numbers from few samples, and stop when it gets worse on others."""

import copy

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(200, 3)
y = torch.sin(x).sum(dim=1, keepdim=True) + 0.5 * torch.randn(200, 1)
model = nn.Sequential(nn.Linear(3, 64), nn.Tanh(), nn.Linear(64, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
best, best_loss, worse = {}, float("inf"), 0

for _ in range(40):
    for rows in torch.randperm(100).split(20):
        loss = nn.functional.mse_loss(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        val_loss = nn.functional.mse_loss(model(x[100:]), y[100:]).item()
    worse = 0 if val_loss < best_loss else worse + 1
    if val_loss < best_loss:
        best, best_loss = copy.deepcopy(model.state_dict()), val_loss
    if worse == 5:
        break
print("best loss", best_loss)  # WRONG
model.load_state_dict(best)  # RIGHT
