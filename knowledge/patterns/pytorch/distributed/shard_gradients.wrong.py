"""Wrong: the mean of means, where the parts hold different numbers of labels."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
model = nn.Linear(4, 3)
x, labels = torch.randn(12, 4), torch.randint(3, (12,))
whole = torch.autograd.grad(F.cross_entropy(model(x), labels), model.weight)[0]
parts = [
    torch.autograd.grad(F.cross_entropy(model(a), b), model.weight)[0]
    for a, b in zip(x.split([1, 11]), labels.split([1, 11]), strict=True)  # the last batch of an epoch, say
]
off = ((parts[0] + parts[1]) / 2 - whole).norm() / whole.norm()
assert off < 0.01, f"the averaged gradient is off by {off:.0%}".replace("%", " %")
