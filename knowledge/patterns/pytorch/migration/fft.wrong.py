"""Wrong: the function that was removed in PyTorch 1.8."""

import torch

spectrum = torch.rfft(torch.randn(2, 4, 5), signal_ndim=2)
