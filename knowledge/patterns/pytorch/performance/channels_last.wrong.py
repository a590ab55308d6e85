"""Wrong: view() on feature maps whose layout it does not know."""

import torch
from torch import nn

conv = nn.Conv2d(3, 8, 3, padding=1).to(memory_format=torch.channels_last)
features = conv(torch.randn(4, 3, 16, 16).to(memory_format=torch.channels_last))
flat = features.view(4, -1)  # wrong: features.flatten(start_dim=1)
