"""Adding by index: of several values for one group only one is kept."""

import torch

totals, group = torch.zeros(3), torch.tensor([0, 0, 2])
totals[group] += torch.ones(3)  # wrong: totals.index_add_(0, group, torch.ones(3))
assert totals.sum() == 3, f"values were lost: the sum of three ones is {totals.sum():.0f}"
