"""Targets without the last dimension: the loss compares every prediction with every target."""

import torch
from torch import nn

predictions, targets = torch.randn(32, 1), torch.randn(32)
nn.functional.mse_loss(predictions, targets)  # wrong: targets.unsqueeze(1)
