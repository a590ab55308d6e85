"""Counting by index: each pair is counted once, however often it occurs."""

import torch

truth, predicted = torch.tensor([0, 0, 0, 1, 1, 2]), torch.tensor([0, 0, 1, 1, 1, 2])
matrix = torch.zeros(3, 3, dtype=torch.int64)
matrix[truth, predicted] += 1  # wrong: torch.bincount(3 * truth + predicted, minlength=9).view(3, 3)
assert matrix.sum() == len(truth), f"of {len(truth)} samples {int(matrix.sum())} were counted"
