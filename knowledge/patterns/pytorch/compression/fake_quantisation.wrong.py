"""Wrong: rounding in the forward pass, as it is. Its gradient is zero everywhere."""

import torch

weight = torch.tensor([0.3, -0.8, 0.6], requires_grad=True)
rounded = (weight * 2).round() / 2  # wrong: weight + (rounded - weight).detach()
((rounded - 1) ** 2).sum().backward()
assert weight.grad.abs().sum() > 0, f"no gradient came through the rounding: {weight.grad.tolist()}"
