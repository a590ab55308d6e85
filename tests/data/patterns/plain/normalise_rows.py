"""Divide each row of a matrix by its norm."""

import torch
from torch.nn import functional as F


def normalise(rows: torch.Tensor) -> torch.Tensor:
    """Rows of unit length."""
    return F.normalize(rows, dim=1)


if __name__ == "__main__":
    assert normalise(torch.tensor([[3.0, 4.0]])).norm() == 1
