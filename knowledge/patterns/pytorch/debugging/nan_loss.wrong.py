"""torch.where around a logarithm: the values are fine, the gradient of the branch not taken is not."""

import torch

x = torch.tensor([0.0, 1.0], requires_grad=True)
y = torch.where(x > 0, x * x.log(), 0.0)  # wrong: clamp x before the logarithm
assert y.isfinite().all()
y.sum().backward()
assert x.grad.isfinite().all(), f"the gradient is NaN where the logarithm was not even used: {x.grad.tolist()}"
