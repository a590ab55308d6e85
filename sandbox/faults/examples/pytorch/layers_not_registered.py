"""Tell apart three groups of points."""

import torch
from torch import nn

torch.manual_seed(0)
centres = 3 * torch.randn(3, 8)
labels = torch.randint(0, 3, (384,))
points = centres[labels] + torch.randn(384, 8)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.hidden = [nn.Linear(8, 8) for _ in range(3)]  # WRONG
        self.hidden = nn.ModuleList(nn.Linear(8, 8) for _ in range(3))  # RIGHT
        self.head = nn.Linear(8, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:  # (N, 8)
        for layer in self.hidden:
            x = torch.relu(layer(x))
        return self.head(x)


model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(5):
    for rows in torch.randperm(384).split(32):
        loss = nn.functional.cross_entropy(model(points[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
