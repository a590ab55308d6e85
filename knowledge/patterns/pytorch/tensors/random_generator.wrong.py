"""A function that seeds the global stream: dropout is wound back with it, step after step."""

import torch
from torch import nn


def noisy(x: torch.Tensor) -> torch.Tensor:
    """Adds reproducible noise."""
    torch.manual_seed(0)  # wrong: a torch.Generator of its own
    return x + 0.1 * torch.randn_like(x)


dropout, x = nn.Dropout(0.5), torch.ones(1000)
first, second = (dropout(noisy(x)) == 0 for _ in range(2))
assert not first.equal(second), "dropout drew the same mask in both steps"
