"""A GRU that forecasts one step ahead."""

import torch
from torch import nn


class Forecaster(nn.Module):
    """(batch, steps, 1) values -> (batch,) next values."""

    def __init__(self, hidden: int = 32) -> None:
        super().__init__()
        self.gru = nn.GRU(input_size=1, hidden_size=hidden)
        self.head = nn.Linear(hidden, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, steps, channels = x.shape
        x = x.permute(1, 0, 2)  # nn.GRU wants (steps, batch, channels)
        output, _ = self.gru(x)
        assert output.shape[:2] == (steps, batch), f"{channels} channels"
        return self.head(output[-1]).squeeze(-1)
