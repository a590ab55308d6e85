"""A Dropout made in forward: eval() does not reach it."""

import torch
from torch import nn


class Classifier(nn.Module):
    """Features (B, 8) to logits (B, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(8, 64)
        self.head = nn.Linear(64, 3)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.head(nn.Dropout(0.5)(self.hidden(inputs).relu()))  # wrong: made in __init__


torch.manual_seed(0)
model = Classifier().eval()
inputs = torch.randn(1, 8)
first, second = model(inputs), model(inputs)
assert torch.equal(first, second), f"two predictions of one input differ by {(first - second).abs().max():.2f}"
