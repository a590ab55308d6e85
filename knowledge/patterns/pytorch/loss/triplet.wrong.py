"""Distances by a plain root: each point is at distance 0 of itself, where the root has no finite gradient."""

import torch

points = torch.tensor([[0.0, 1.0], [2.0, 3.0]], requires_grad=True)
distances = (points[:, None] - points[None, :]).square().sum(dim=2).sqrt()  # wrong: .clamp(min=1e-12).sqrt()
distances.sum().backward()
assert points.grad.isfinite().all(), f"the gradient is NaN: {points.grad.tolist()}"
