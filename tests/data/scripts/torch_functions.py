"""Plain functions and no DataLoader: regression on all rows at once, evaluated with a loss on held-out rows."""

import torch
import torch.nn.functional as F
from torch import nn


def make_data(rows: int) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.randn(rows, 6)
    return x, (x[:, :1] * 2 - x[:, 1:2] + 0.5 * x[:, 2:3] ** 2) + 0.05 * torch.randn(rows, 1)


torch.manual_seed(1)
x, y = make_data(400)
x_test, y_test = make_data(100)
model = nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(120):
    optimizer.zero_grad(set_to_none=False)
    loss = F.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
model.eval()
with torch.no_grad():
    predicted = model(x_test)
    print("rmse", F.mse_loss(predicted, y_test).sqrt().item())
