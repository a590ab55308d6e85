"""A softmax before CrossEntropyLoss: even perfect probabilities leave a loss of 1.46 for ten classes."""

import torch
from torch import nn

logits = 100 * torch.eye(10)  # a perfect and certain answer for each of ten samples
labels = torch.arange(10)
loss = nn.CrossEntropyLoss()(logits.softmax(dim=1), labels).item()  # wrong: CrossEntropyLoss()(logits, labels)
assert loss < 0.01, f"softmax was applied twice: the loss of a perfect answer is {loss:.2f}"
