"""BatchNorm behind the image-wide mean, and a batch of one image: there is nothing to take a variance of."""

import torch
from torch import nn

image_branch = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(8, 16, 1), nn.BatchNorm2d(16), nn.ReLU())
image_branch(torch.randn(1, 8, 17, 17))  # wrong: GroupNorm, or a larger batch
