"""Has a function compiled for the GPU, which starts compilers and keeps what they make in folders of its home."""

import os

import torch


@torch.compile
def mixed(x: torch.Tensor) -> torch.Tensor:
    return torch.relu(x * 2 + 1).sum(dim=-1).sin()


x = torch.randn(64, 64, device="cuda")
torch.testing.assert_close(mixed(x), torch.relu(x * 2 + 1).sum(dim=-1).sin())
made = [name for folder, _, names in os.walk(os.environ["HOME"]) for name in names]
print(len(made))
