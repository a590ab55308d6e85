"""Wrong: the box rounded to cells (RoIPool). Boxes that differ by nearly a cell get the very same features."""

import torch
from torch.nn import functional as F

features = 4 * (torch.arange(6) + 0.5).expand(1, 6, 6)  # each cell of 4 pixels holds the x of its centre


def roi_pool(box: torch.Tensor) -> torch.Tensor:
    """Features (1, 2, 2) of a box x1, y1, x2, y2 in pixels."""
    x1, y1, x2, y2 = (box / 4).long().tolist()  # wrong: sample between the cells, with grid_sample
    return F.adaptive_max_pool2d(features[:, y1:y2, x1:x2], 2)


moved = (roi_pool(torch.tensor([7.0, 7, 19, 19])) - roi_pool(torch.tensor([4.0, 4, 16, 16]))).mean()
assert moved == 3, f"the box moved by 3 pixels, and its features by {moved:.0f}"
