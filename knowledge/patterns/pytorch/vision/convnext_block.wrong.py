"""A layer norm for 32 features on an image whose last dimension is its width."""

import torch
from torch import nn

features = nn.Conv2d(3, 32, 3, padding=1)(torch.randn(2, 3, 14, 14))
nn.LayerNorm(32)(features)  # wrong: features.permute(0, 2, 3, 1)
