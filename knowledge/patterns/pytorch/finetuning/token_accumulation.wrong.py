"""Wrong: the mean of the micro-batches' means; a label of the short one weighs more."""

import torch
from torch.nn import functional as F

torch.manual_seed(0)
logits = torch.randn(12, 5, requires_grad=True)
labels = torch.randint(5, (12,))
parts = [slice(0, 10), slice(10, 12)]  # ten labels, and two
(expected,) = torch.autograd.grad(F.cross_entropy(logits, labels), logits)
for part in parts:
    (F.cross_entropy(logits[part], labels[part]) / 2).backward()  # wrong: reduction="sum", divided by 12
ratio = (logits.grad[-1].norm() / expected[-1].norm()).item()
assert abs(ratio - 1) < 1e-3, f"the gradient differs: a label of the short batch weighs {ratio:.1f} times as much"
