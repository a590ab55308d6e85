"""Tell small images of a bright left half from those of a bright right half."""

import torch
from torch import nn

torch.manual_seed(0)
labels = torch.randint(0, 2, (256,))
images = torch.randn(256, 1, 8, 8)
images[labels == 0, :, :, :4] += 1
images[labels == 1, :, :, 4:] += 1
model = nn.Sequential(
    nn.Conv2d(1, 4, 3),
    nn.ReLU(),
    nn.Flatten(),
    nn.Linear(4 * 8 * 8, 2),  # WRONG
    nn.Linear(4 * 6 * 6, 2),  # RIGHT
)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(5):
    for rows in torch.randperm(256).split(32):
        loss = nn.functional.cross_entropy(model(images[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
