"""The mask after the subtraction: NaN times 0 is NaN."""

import torch

predictions, targets = torch.zeros(3, requires_grad=True), torch.tensor([1.0, torch.nan, 2.0])
squared = (predictions - targets).square()
loss = torch.where(targets.isnan(), 0.0, squared).sum() / 2  # wrong: replace the missing targets first
loss.backward()
assert predictions.grad.isfinite().all(), f"the gradient is NaN: {predictions.grad.tolist()}, loss {loss.item()}"
