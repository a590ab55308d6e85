"""The product that includes the current element: the first surface dims itself."""

import torch

opacity = torch.tensor([0.5, 1.0])  # the second surface lets nothing pass
weights = opacity * torch.cumprod(1 - opacity, dim=0)  # wrong: the product of those before, [1.0, 0.5]
assert weights.sum() == 1, f"the light is lost: the weights sum to {weights.sum()}"
