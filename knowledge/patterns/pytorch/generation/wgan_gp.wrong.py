"""Wrong: the slope is taken without a graph; the penalty is a number that nothing can be learnt from."""

import torch
from torch import nn

critic = nn.Linear(2, 1)
between = torch.randn(8, 2, requires_grad=True)
(slopes,) = torch.autograd.grad(critic(between).sum(), between)  # wrong: create_graph=True
(slopes.norm(dim=1) - 1).square().mean().backward()
