"""The focal factor from the mean loss: one number for the batch, so no example is weighed against another."""

import torch
from torch.nn import functional as F

logits = torch.tensor([3.0] * 99 + [-3.0], requires_grad=True)  # 99 easy examples and a hard one
targets = torch.ones(100)
loss = F.binary_cross_entropy_with_logits(logits, targets)  # wrong: reduction="none", and the mean at the end
focal = (1 - torch.exp(-loss)) ** 2 * loss
focal.backward()
share = (logits.grad[:99].sum() / logits.grad.sum()).item()
assert share < 0.2, f"easy examples kept their share of the gradient: {share:.2f}, as without focal loss"
