"""The mean of the images' own deviations: what differs between images is left out."""

import torch

torch.manual_seed(0)
images = 40 + 170 * torch.rand(60, 3, 1, 1) + 15 * torch.randn(60, 3, 16, 16)
std = images.std(dim=(2, 3)).mean(dim=0)  # wrong: images.std(dim=(0, 2, 3))
expected = images.std(dim=(0, 2, 3))
ratio = (std / expected).mean().item()
assert ratio > 0.9, f"the deviation is too small: {ratio:.2f} of that of all pixels"
