"""Tell upright ramps from lying ones."""

import torch
from torch import nn

torch.manual_seed(0)
labels = torch.randint(0, 2, (128,))
ramp = torch.linspace(0, 1, 12).expand(12, 12)
pictures = torch.where(labels.view(-1, 1, 1) == 1, ramp, ramp.T).unsqueeze(3) * torch.tensor([1.0, -0.5, 3.0])
pictures = pictures + 0.02 * torch.randn(128, 12, 12, 3)  # (N, H, W, 3)
inputs = pictures.reshape(128, 3, 12, 12)  # WRONG
inputs = pictures.permute(0, 3, 1, 2)  # RIGHT


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(2))
        self.head = nn.Linear(8 * 4, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:  # (N, 3, H, W)
        return self.head(self.features(x).flatten(1))


model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(5):
    for rows in torch.randperm(128).split(32):
        loss = nn.functional.cross_entropy(model(inputs[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
