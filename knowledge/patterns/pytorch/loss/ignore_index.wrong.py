"""-1 for what is to be left out, without telling the loss."""

import torch
from torch.nn import functional as F

F.cross_entropy(torch.randn(4, 3), torch.tensor([0, 1, -1, 2]))  # wrong: ignore_index=-1
