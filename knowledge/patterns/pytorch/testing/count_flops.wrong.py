"""The state_dict is counted: it holds BatchNorm's statistics too, and shared tensors twice."""

from torch import nn

model = nn.Sequential(nn.Conv2d(3, 16, 3), nn.BatchNorm2d(16))
counted = sum(tensor.numel() for tensor in model.state_dict().values())  # wrong: model.parameters()
expected = 3 * 16 * 9 + 16 + 2 * 16
assert counted == expected, f"buffers were counted as parameters: {counted} instead of {expected}"
