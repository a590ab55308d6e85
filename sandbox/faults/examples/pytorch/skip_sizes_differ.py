"""Copy pictures through a bottleneck with a way around it."""

import torch
from torch import nn

torch.manual_seed(0)
pictures = torch.rand(128, 1, 8, 8)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Conv2d(1, 4, 3, stride=2, padding=1)  # (N, 4, 4, 4)
        self.up = nn.ConvTranspose2d(4, 4, 3, stride=2)  # WRONG
        self.up = nn.ConvTranspose2d(4, 4, 2, stride=2)  # RIGHT
        self.last = nn.Conv2d(5, 1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:  # (N, 1, 8, 8)
        return self.last(torch.cat([x, torch.relu(self.up(torch.relu(self.down(x))))], 1))


model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(5):
    for rows in torch.randperm(128).split(32):
        loss = nn.functional.mse_loss(model(pictures[rows]), pictures[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
