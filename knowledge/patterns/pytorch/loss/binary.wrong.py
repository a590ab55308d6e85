"""Logits given to BCELoss, which wants probabilities."""

import torch
from torch import nn

logits, targets = torch.tensor([[2.0], [-1.0]]), torch.tensor([[1.0], [0.0]])
nn.BCELoss()(logits, targets)  # wrong: nn.BCEWithLogitsLoss()
