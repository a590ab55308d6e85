"""Tell small images of a bright left half from those of a bright right half."""

import torch
from torch import nn

torch.manual_seed(0)
labels = torch.randint(0, 2, (256,))
images = torch.randn(256, 1, 8, 8)
images[labels == 0, :, :, :4] += 1
images[labels == 1, :, :, 4:] += 1


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.head = nn.Linear(4 * 64, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:  # (N, 1, 8, 8)
        hidden = torch.relu(self.conv(x))
        return self.head(hidden.view(32, -1))  # WRONG
        return self.head(hidden.flatten(start_dim=1))  # RIGHT


model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(5):
    for rows in torch.randperm(256).split(32):
        loss = nn.functional.cross_entropy(model(images[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
