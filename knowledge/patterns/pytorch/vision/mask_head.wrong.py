"""Wrong: every class's mask is in the loss, those of the wrong classes as all zeros. Classes compete for pixels."""

import torch
from torch.nn import functional as F

logits = torch.zeros(1, 2, 4, 4, requires_grad=True)  # one box, two classes
mask, true_class = torch.ones(1, 4, 4), 0
wanted = F.one_hot(torch.tensor([true_class]), 2)[:, :, None, None] * mask[:, None]  # wrong: logits[:, true_class]
F.binary_cross_entropy_with_logits(logits, wanted).backward()
pushed = logits.grad[0, 1].abs().sum()
assert pushed == 0, f"masks of other classes than the box's are pushed to zero, by a gradient of {pushed:.2f}"
