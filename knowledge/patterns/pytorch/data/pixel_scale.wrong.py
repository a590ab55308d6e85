"""uint8 images straight into a layer."""

import torch
from torch import nn

images = torch.zeros(4, 8, 8, dtype=torch.uint8)  # as they are read from a file
nn.Linear(64, 10)(images.flatten(1))  # wrong: images.float() / 255
