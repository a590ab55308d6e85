"""Layers kept in a Python list: forward works, but the module has no parameters to train."""

import torch
from torch import nn


class MLP(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = [nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 1)]  # wrong: nn.Sequential or nn.ModuleList

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers:
            x = layer(x)
        return x


model = MLP()
assert model(torch.randn(5, 4)).shape == (5, 1)
torch.optim.Adam(model.parameters(), lr=0.001)
