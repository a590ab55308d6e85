"""Upsampling by a factor of 2: an odd size was rounded down on the way, and no longer fits the skip."""

import torch
from torch import nn

down = nn.Conv2d(1, 8, 3, padding=1)
skip = down(torch.randn(2, 1, 19, 19))
low = nn.functional.max_pool2d(skip, 2)  # 9 x 9
up = nn.Upsample(scale_factor=2)(low)  # wrong: interpolate(low, size=skip.shape[-2:])
torch.cat([up, skip], dim=1)
