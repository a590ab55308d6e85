"""A vocabulary of ten words, and an eleventh."""

import torch
from torch import nn

nn.Embedding(10, 4)(torch.tensor([4, 10]))  # wrong: nn.Embedding(11, 4)
