"""Wrong: stft as before complex tensors, without return_complex."""

import torch

spectrum = torch.stft(torch.randn(800), 64, window=torch.hann_window(64))
