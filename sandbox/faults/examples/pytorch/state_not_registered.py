"""Learn a smooth function of three numbers with a small network."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(256, 3)
y = torch.sin(x).sum(dim=1, keepdim=True)


class Net(nn.Module):
    """A network that standardises what it is given."""

    def __init__(self, mean: torch.Tensor, std: torch.Tensor) -> None:
        super().__init__()
        self.mean, self.std = mean, std  # WRONG
        self.register_buffer("mean", mean)  # RIGHT
        self.register_buffer("std", std)  # RIGHT
        self.layers = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers((x - self.mean) / self.std)


model = Net(x.mean(dim=0), x.std(dim=0))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(5):
    for rows in torch.randperm(256).split(32):
        loss = nn.functional.mse_loss(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
