"""Wrong: the bridge to Python 2, gone since PyTorch 2.0."""

from torch._six import inf, string_classes

print(inf, string_classes)
