"""Softmax without dim: PyTorch guesses, and warns."""

import torch
from torch.nn import functional as F

F.softmax(torch.randn(2, 5, 3))  # wrong: dim=-1
