# /// pattern
# id = "pt.migration.meshgrid"
# topic = "migration.tensors"
# questions = [
#   "torch.meshgrid indexing warning",
#   "in an upcoming release it will be required to pass the indexing argument",
#   "meshgrid xy or ij pytorch",
#   "grid of x and y coordinates torch",
#   "torch.meshgrid differs from numpy",
#   "mesh grid torch warnig",
# ]
# errors = [
#   "UserWarning: torch.meshgrid: in an upcoming release, it will be required to pass the indexing argument.",
# ]
# apis = ["torch.meshgrid"]
# replaces = ["torch.meshgrid(a, b)"]
# why = """indexing="ij" is what torch did so far: the first range runs along rows. NumPy's default is "xy", its
# transpose. Said aloud, the warning is gone and the reader knows."""
# pitfalls = """For images (H, W) pass rows first with "ij", or columns first with "xy": both give (H, W). All pairs as
# rows: torch.cartesian_prod."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "warns UserWarning: torch.meshgrid: in an upcoming release"
# ///
"""Coordinates of a grid, with the order of its axes said."""

import numpy as np
import torch


def pixel_coordinates(height: int, width: int) -> torch.Tensor:
    """(H, W, 2): row and column of each pixel."""
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")  # (H, W) each
    return torch.stack([rows, columns], dim=-1)


if __name__ == "__main__":
    grid = pixel_coordinates(2, 3)
    assert grid.shape == (2, 3, 2)
    assert all(grid[r, c].tolist() == [r, c] for r in range(2) for c in range(3))

    x, y = torch.arange(3), torch.arange(2)
    for indexing in ("ij", "xy"):
        ours = torch.meshgrid(x, y, indexing=indexing)
        theirs = np.meshgrid(x.numpy(), y.numpy(), indexing=indexing)
        assert all(np.array_equal(a.numpy(), b) for a, b in zip(ours, theirs, strict=True))
        print(indexing, tuple(ours[0].shape))
