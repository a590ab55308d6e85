"""Learn a smooth function of three numbers, the last layer first and then the whole network."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(256, 3)
y = torch.sin(x).sum(dim=1, keepdim=True)
body, head = nn.Sequential(nn.Linear(3, 32), nn.Tanh()), nn.Linear(32, 1)
model = nn.Sequential(body, head)


def train(optimizer: torch.optim.Optimizer) -> None:
    """Make five passes over all rows."""
    for _ in range(5):
        for rows in torch.randperm(256).split(32):
            loss = nn.functional.mse_loss(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


body.requires_grad_(False)
train(torch.optim.Adam(head.parameters(), lr=0.01))
body.requires_grad_(True)  # RIGHT
train(torch.optim.Adam(model.parameters(), lr=0.01))
