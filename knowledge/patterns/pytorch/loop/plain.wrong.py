"""No zero_grad: each step follows the sum of all gradients since the start."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.0)  # nothing moves: every batch has the same gradient
features, targets = torch.randn(32, 4), torch.randn(32, 1)
norms = []
for _ in range(3):
    nn.functional.mse_loss(model(features), targets).backward()  # wrong: optimizer.zero_grad() before it
    optimizer.step()
    norms.append(model.weight.grad.norm().item())
ratio = norms[-1] / norms[0]
assert abs(ratio - 1) < 1e-4, (
    f"gradients of several batches were added up: after three, the norm is {ratio:.1f} times one"
)
