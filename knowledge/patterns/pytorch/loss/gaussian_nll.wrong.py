"""A variance straight from a linear layer: it can be negative."""

import torch
from torch import nn

mean, variance = torch.tensor([[0.3, -0.2], [0.1, 0.4]]).split(1, dim=1)  # as a linear head gives them
nn.GaussianNLLLoss()(mean, torch.zeros(2, 1), variance)  # wrong: softplus(variance) + 1e-6
