"""Learn a curve of two of six numbers."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(256, 6)
y = torch.sin(2 * x[:, 0]) + x[:, 1] ** 2


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:  # (N, 6)
        return self.layers(x).squeeze()  # WRONG
        return self.layers(x).squeeze(1)  # RIGHT


model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(8):
    for rows in torch.randperm(256).split(32):
        loss = nn.functional.mse_loss(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
