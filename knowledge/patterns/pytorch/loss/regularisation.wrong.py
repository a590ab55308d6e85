"""A penalty from numbers instead of tensors: it raises the loss and pulls at nothing."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(4, 1)
inputs = torch.zeros(8, 4)  # nothing to learn: only the penalty moves the weight
penalty = 0.1 * sum(
    p.data.abs().sum().item() for p in model.parameters()
)  # wrong: p.abs().sum(), without data and item
loss = model(inputs).square().mean() + penalty
loss.backward()
assert model.weight.grad.abs().max() > 0, (
    f"the penalty does not act: it adds {penalty:.2f} to the loss, its gradient is 0"
)
