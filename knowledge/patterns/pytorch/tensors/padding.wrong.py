"""Stacking sequences of different lengths."""

import torch

torch.stack([torch.tensor([1, 2]), torch.tensor([3, 4, 5])])  # wrong: pad_sequence([...], batch_first=True)
