"""The old name, without the underscore."""

import torch
from torch import nn

model = nn.Linear(4, 1)
model(torch.randn(8, 4)).sum().backward()
nn.utils.clip_grad_norm(model.parameters(), 1.0)  # wrong: clip_grad_norm_
