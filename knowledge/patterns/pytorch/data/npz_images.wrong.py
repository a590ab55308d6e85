"""reshape to channels first: the shape is right, so nothing complains, and every image is noise."""

import torch

red = torch.zeros(1, 4, 4, 3)  # (N, H, W, C)
red[..., 0] = 1

images = red.reshape(1, 3, 4, 4)  # wrong: red.permute(0, 3, 1, 2)
assert images[:, 0].eq(1).all(), "reshape scrambled the channels: the red channel of a red image is not all red"
