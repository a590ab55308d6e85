"""Wrong: a mask inverted by arithmetic, as when masks were bytes."""

import torch

mask = torch.tensor([1.0, -2.0]) > 0
inverted = 1 - mask
