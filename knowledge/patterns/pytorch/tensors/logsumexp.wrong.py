"""The logarithm of a sum of exponentials, written as it is read."""

import torch

x = torch.tensor([100.0, 99.0])
result = x.exp().sum().log()  # wrong: x.logsumexp(dim=0)
assert result.isfinite(), f"the logarithm overflowed: {result}, and it should be 100.31"
