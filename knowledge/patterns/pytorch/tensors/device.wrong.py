"""A tensor as a plain attribute: .to() moves the module without it."""

import torch
from torch import nn


class Standardise(nn.Module):
    """Subtracts the mean of the training data."""

    def __init__(self, mean: torch.Tensor) -> None:
        super().__init__()
        self.mean = mean  # wrong: self.register_buffer("mean", mean)
        self.linear = nn.Linear(3, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.linear(x - self.mean)


module = Standardise(torch.zeros(3)).to("meta")  # stands for "cuda"
devices = {module.linear.weight.device.type, module.mean.device.type}
assert devices == {"meta"}, f"left behind on another device: {sorted(devices)}, state dict {list(module.state_dict())}"
