"""Validating with the smoothed loss: it is not what the model is judged by."""

import torch
from torch import nn

labels = torch.arange(10)
criterion = nn.CrossEntropyLoss(label_smoothing=0.1)  # wrong: nn.CrossEntropyLoss() for validation
sure, surer = (criterion(scale * torch.eye(10), labels).item() for scale in (5, 50))
assert surer < sure, f"the surer answer is scored worse: {surer:.2f} against {sure:.2f}, and all are right"
