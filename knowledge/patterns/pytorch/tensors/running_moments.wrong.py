"""The mean of the squares minus the square of the mean, in float32."""

import torch

torch.manual_seed(0)
x = torch.randn(1000) + 10_000  # variance 1
variance = x.square().mean() - x.mean().square()  # wrong: x.var(), or moments that are merged
assert abs(variance - 1) < 0.2, f"the variance is lost: {variance.item():.2f} instead of 1"
