"""Wrong: time and channels as a table has them; Conv1d takes the second dimension for the channels."""

import torch
from torch import nn

signals = torch.randn(8, 100, 3)  # (N, T, channels)
nn.Conv1d(3, 16, 9)(signals)  # wrong: signals.transpose(1, 2)
