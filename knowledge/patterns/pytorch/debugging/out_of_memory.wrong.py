"""A retry that keeps the gradients which the failed attempt has left."""

import torch
from torch import nn

torch.manual_seed(0)
model, inputs = nn.Linear(4, 1), torch.randn(8, 4)
(model(inputs[:4]).square().mean() / 2).backward()  # then the second half does not fit: torch.OutOfMemoryError
torch.cuda.empty_cache()  # wrong: optimizer.zero_grad() before the retry
for quarter in inputs.split(2):
    (model(quarter).square().mean() / 4).backward()

expected = torch.autograd.grad(model(inputs).square().mean(), model.weight)[0]
off = ((model.weight.grad - expected).norm() / expected.norm()).item()
assert off < 0.01, f"the gradient of the first piece was counted twice: {off:.0%} too much"
