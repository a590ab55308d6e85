"""Dice of the predicted classes: argmax has no gradient."""

import torch

logits, labels = torch.randn(1, 2, 8, 8, requires_grad=True), torch.randint(0, 2, (1, 8, 8))
predicted = logits.argmax(dim=1)  # wrong: logits.softmax(dim=1)
dice = 2 * (predicted * labels).sum() / (predicted.sum() + labels.sum())
(1 - dice).backward()
