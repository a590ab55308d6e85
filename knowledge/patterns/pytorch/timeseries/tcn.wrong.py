"""Wrong: the output gets the input's length by zeros on both sides; each step sees what comes after it."""

import torch
from torch import nn

conv = nn.Conv1d(1, 1, 3, padding="same")  # wrong: F.pad(x, (2, 0)), and no padding in the layer
x = torch.randn(1, 1, 20, requires_grad=True)
conv(x)[0, 0, 10].backward()
last = int(x.grad[0, 0].nonzero().max())
assert last == 10, f"output 10 sees input {last}"
