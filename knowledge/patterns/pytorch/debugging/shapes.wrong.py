"""A guessed size after the convolutions."""

import torch
from torch import nn

model = nn.Sequential(nn.Conv2d(3, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(800, 10))  # wrong: 1152
model(torch.randn(2, 3, 28, 28))
