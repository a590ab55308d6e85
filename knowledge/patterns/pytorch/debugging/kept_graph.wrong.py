"""A running sum of losses with their graphs."""

import torch
from torch import nn

model, total = nn.Linear(4, 1), torch.zeros(())
for batch in torch.randn(20, 8, 4):
    loss = model(batch).square().mean()
    total = total + loss  # wrong: total += loss.detach()
node, graphs = total.grad_fn, 0
while node is not None:
    graphs += 1
    node = node.next_functions[0][0]
assert graphs == 0, f"{graphs} graphs are kept alive by the sum"
