"""Indexing the columns with the labels: every row gives the columns of all labels."""

import torch

logits, labels = torch.randn(4, 3), torch.tensor([2, 0, 1, 2])
picked = logits[:, labels]  # wrong: torch.take_along_dim(logits, labels[:, None], dim=1).squeeze(1)
assert picked.shape == (4,), f"{tuple(picked.shape)} numbers for 4 rows"
