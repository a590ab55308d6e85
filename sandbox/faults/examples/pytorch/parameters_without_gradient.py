"""Learn a sum of three numbers by gradient descent."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(256, 3)
y = x.sum(dim=1, keepdim=True)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3, 16)
        self.second = nn.Linear(16, 16)
        self.head = nn.Linear(16, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = torch.relu(self.first(x))
        hidden = hidden + torch.relu(self.second(hidden))  # RIGHT
        return self.head(hidden)


model = Net()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for _ in range(5):
    for rows in torch.randperm(256).split(32):
        loss = nn.functional.mse_loss(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
