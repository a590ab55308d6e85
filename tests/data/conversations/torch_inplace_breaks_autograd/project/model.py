"""Residual blocks over flat features."""

import torch
from torch import nn


class ResidualBlock(nn.Module):
    """(batch, width) -> (batch, width)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear1 = nn.Linear(width, width)
        self.linear2 = nn.Linear(width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = torch.sigmoid(self.linear1(x))
        hidden = hidden + x
        return torch.relu(self.linear2(hidden))


class ResidualMLP(nn.Module):
    """(batch, 64) pixels -> (batch, 10) logits."""

    def __init__(self, width: int = 96, num_blocks: int = 2) -> None:
        super().__init__()
        self.stem = nn.Linear(64, width)
        self.blocks = nn.ModuleList(ResidualBlock(width) for _ in range(num_blocks))
        self.head = nn.Linear(width, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.stem(x))
        for block in self.blocks:
            x = block(x)
        return self.head(x)
