"""Wrong: a value taken out of a tensor inside a function that vmap runs for all samples at once."""

import torch
from torch.func import vmap


def bounded(row: torch.Tensor) -> torch.Tensor:
    """row (D,), scaled to a norm of at most 1."""
    return row / max(row.norm().item(), 1.0)  # wrong: row.norm().clamp(min=1)


vmap(bounded)(torch.ones(3, 4))
