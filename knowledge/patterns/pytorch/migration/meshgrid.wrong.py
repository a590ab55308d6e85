"""Wrong: meshgrid that leaves the order of its axes to the default."""

import torch

rows, columns = torch.meshgrid(torch.arange(2), torch.arange(3))
assert rows.shape == (2, 3)
