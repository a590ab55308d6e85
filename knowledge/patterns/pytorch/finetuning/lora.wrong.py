"""Wrong: both factors of the adapter start at zero; each one's gradient is a product with the other."""

import torch
from torch import nn

torch.manual_seed(0)
base = nn.Linear(8, 1).requires_grad_(False)
down, up = nn.Parameter(torch.zeros(2, 8)), nn.Parameter(torch.zeros(1, 2))  # wrong: down at random
x = torch.randn(32, 8)
loss = (base(x) + x @ down.T @ up.T - x.sum(dim=1, keepdim=True)).square().mean()
loss.backward()
largest = max(down.grad.abs().max(), up.grad.abs().max()).item()
assert largest > 0, f"the adapter cannot learn: its largest gradient is {largest}"
