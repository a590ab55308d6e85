"""A softmax over the batch: every shape is right, and each answer depends on who else is in the batch."""

import torch
from torch import nn

model = nn.Sequential(nn.Linear(3, 5), nn.Softmax(dim=0))  # wrong: dim=1
inputs = torch.randn(4, 3, requires_grad=True)
outputs = model(inputs)
assert outputs.shape == (4, 5)  # the usual test sees nothing
(gradient,) = torch.autograd.grad(outputs[0, 0], inputs)
reached = gradient.any(dim=1).tolist()
assert reached == [True, False, False, False], f"sample 0 depends on other samples: {reached}"
