"""Heads in a Python dict: the module does not know them, and they stay as they were initialised."""

import torch
from torch import nn


class TwoHeads(nn.Module):
    """A shared layer and two heads."""

    def __init__(self) -> None:
        super().__init__()
        self.shared = nn.Linear(4, 8)
        self.heads = {"kind": nn.Linear(8, 2), "price": nn.Linear(8, 1)}  # wrong: nn.ModuleDict({...})

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        return {name: head(self.shared(x)) for name, head in self.heads.items()}


names = [name for name, _ in TwoHeads().named_parameters()]
assert len(names) == 6, f"the heads are not parameters of the model, which has only {names}"
