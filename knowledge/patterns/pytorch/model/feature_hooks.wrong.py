"""The output itself is kept, and the in-place ReLU behind the layer changes it."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(inplace=True))
outputs = {}


def save(_module: nn.Module, _args: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
    """Remember what the convolution gave."""
    outputs["conv"] = output.detach()  # wrong: .detach().clone()


model[0].register_forward_hook(save)
with torch.no_grad():
    model(torch.randn(4, 3, 16, 16))
lowest = outputs["conv"].min().item()
assert lowest < 0, f"the stored output was overwritten: a convolution whose lowest value is {lowest}"
