"""Tries a wrong shape first and catches what is raised; trains; then fails for another reason."""

import torch
from torch import nn

torch.manual_seed(0)
features = torch.randn(256, 4)
targets = features @ torch.randn(4, 1)
model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
try:
    model(torch.randn(2, 3))
except RuntimeError as error:
    print(f"as expected: {error}")

optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(100):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(features), targets)
    loss.backward()
    optimizer.step()
raise RuntimeError("the report could not be written")
