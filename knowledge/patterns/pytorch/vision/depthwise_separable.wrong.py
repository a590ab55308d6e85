"""All in one layer: the groups must divide the output channels as well."""

from torch import nn

nn.Conv2d(32, 48, 3, padding=1, groups=32)  # wrong: 32 to 32 with groups=32, then 32 to 48 with kernel 1
