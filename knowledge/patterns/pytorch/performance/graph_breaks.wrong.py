"""Wrong: an `if` on a tensor's value, in a function that is to be captured as a whole."""

import torch


def bounded(x: torch.Tensor) -> torch.Tensor:
    """x (N,), scaled to a norm of at most 1."""
    if x.norm() > 1:
        x = x / x.norm()
    return x


torch.compile(bounded, backend="eager", fullgraph=True)(torch.ones(8))
