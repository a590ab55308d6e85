"""Layers in a Python list: the module does not know them, so no optimizer gets them."""

import torch
from torch import nn


class Stack(nn.Module):
    """Three layers and a head."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = [nn.Linear(8, 8) for _ in range(3)]  # wrong: nn.ModuleList(...)
        self.head = nn.Linear(8, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers:
            x = layer(x).relu()
        return self.head(x)


names = [name for name, _ in Stack().named_parameters()]
assert len(names) == 8, f"parameters are missing: the optimizer gets {names}"
