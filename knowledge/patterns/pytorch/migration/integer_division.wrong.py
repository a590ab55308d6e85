"""Wrong: an index made with /, which gave integers before PyTorch 1.5."""

import torch

grid = torch.arange(12).reshape(3, 4)
index = torch.tensor([0, 5, 11])
print(grid[index / 4])
