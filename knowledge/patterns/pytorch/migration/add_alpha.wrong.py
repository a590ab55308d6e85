"""Wrong: the factor before the tensor, as optimisers were written before PyTorch 1.5."""

import torch

weight = torch.nn.Parameter(torch.ones(3))
weight.sum().backward()
weight.data.add_(-0.1, weight.grad)
