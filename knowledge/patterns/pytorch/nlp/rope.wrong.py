"""Wrong: angles laid out for neighbouring pairs, a rotation of halves: numbers are turned by angles not their own."""

import torch

torch.manual_seed(0)
length, dim = 32, 8
angles = torch.outer(torch.arange(length), 10_000.0 ** (-torch.arange(0, dim, 2) / dim))
angles = angles.repeat_interleave(2, dim=1)  # wrong: torch.cat([angles, angles], dim=1), as halves are turned


def rotate(x: torch.Tensor) -> torch.Tensor:
    """(T, D)."""
    first, second = x.chunk(2, dim=1)
    return x * angles.cos() + torch.cat([-second, first], dim=1) * angles.sin()


query, key = torch.randn(dim).expand(length, dim), torch.randn(dim).expand(length, dim)
neighbours = (rotate(query) @ rotate(key).T).diagonal(1)
spread = (neighbours.max() - neighbours.min()).item()
assert spread < 1e-3, f"the score of the same distance differs by up to {spread:.2f} from place to place"
