"""Wrong: labels of words for logits of pieces."""

import torch
from torch.nn import functional as F

logits = torch.randn(8, 4)  # eight pieces of three words
labels = torch.tensor([1, 2, 0])  # wrong: one for each piece, -100 but for the first of a word
F.cross_entropy(logits, labels)
