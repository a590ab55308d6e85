"""Patches by reshape alone: memory is cut into strips of rows, not into squares of the image."""

import torch

images = torch.arange(64.0).view(1, 1, 8, 8)
patches = images.reshape(1, 4, 16)  # wrong: unfold, or a convolution with stride 4
first_square = images[0, 0, :4, :4].flatten()
columns = (patches[0, 0] % 8).unique().numel()
assert torch.equal(patches[0, 0], first_square), f"a patch holds pixels from {columns} columns instead of 4"
