"""Wrong: the logarithm of a spectrum without a floor; digital silence is log(0)."""

import torch

silence = torch.zeros(1, 1600)
power = torch.stft(silence, 512, hop_length=160, window=torch.hann_window(512), return_complex=True).abs().square()
features = power.log()  # wrong: power.clamp(min=1e-10).log()
assert features.isfinite().all(), f"silence is {features.min().item()}: normalised, it is NaN"
