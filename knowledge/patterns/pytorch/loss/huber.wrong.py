"""Mean squared error on data with outliers: the line follows them."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.linspace(0, 1, 200)[:, None]
y = 2 * x + 0.1 * torch.randn(200, 1)
y[190:] -= 20  # one in twenty is wild
model = nn.Linear(1, 1)
optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
for _ in range(200):
    optimizer.zero_grad()
    nn.MSELoss()(model(x), y).backward()  # wrong: nn.HuberLoss(delta=0.1)
    optimizer.step()
assert abs(model.weight.item() - 2) < 0.5, f"a few outliers bent the line: slope {model.weight.item():.2f}, not 2"
