"""CutMix with the weight that was drawn, though the rectangle was cut off at the border of the image."""

import torch

size, weight = 16, 0.36  # 36 % of the image stays
half = round(size * (1 - weight) ** 0.5 / 2)
row, column = 0, 0  # a centre in the corner, as it is drawn now and then
image, other = torch.zeros(size, size), torch.ones(size, size)
image[max(row - half, 0) : row + half, max(column - half, 0) : column + half] = other[0, 0]
label = 1 - weight  # wrong: image.mean(), the part that was really replaced
assert abs(label - image.mean().item()) < 0.01, f"the label says {label:.2f}, the pixels say {image.mean():.2f}"
