# /// pattern
# id = "pt.migration.fft"
# topic = "migration.signal"
# questions = [
#   "'module' object is not callable torch.fft",
#   "module torch has no attribute rfft",
#   "torch.rfft replacement",
#   "torch.irfft signal_sizes new name",
#   "fourier transform of an image pytorch",
#   "torch ftt complex output",
# ]
# errors = [
#   "AttributeError: module 'torch' has no attribute 'rfft'",
#   "AttributeError: module 'torch' has no attribute 'irfft'",
#   "TypeError: 'module' object is not callable",
# ]
# apis = ["torch.fft.rfft2", "torch.fft.irfft2", "torch.view_as_real"]
# replaces = ["torch.rfft", "torch.irfft", "torch.fft(input, signal_ndim)", "onesided=", "signal_sizes="]
# why = """torch.fft became a module like numpy.fft: rfft, rfft2 and fftn take dimensions, and give complex tensors.
# The old pair of reals in a last dimension is torch.view_as_real of that; normalized=True is norm="ortho"."""
# pitfalls = "irfft2 needs s= where the last size was odd, or one column is lost."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises AttributeError: module 'torch' has no attribute 'rfft'"
# ///
"""Fourier transforms after torch.rfft: the module torch.fft."""

import numpy as np
import torch


def circular_convolution(images: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    """Images (B, H, W) convolved with a kernel (H, W), wrapped around the edges, as a product of spectra."""
    height, width = images.shape[-2:]
    spectrum = torch.fft.rfft2(images) * torch.fft.rfft2(kernel)  # (B, H, W // 2 + 1), complex
    return torch.fft.irfft2(spectrum, s=(height, width))


if __name__ == "__main__":
    images = torch.randn(2, 4, 5, generator=torch.Generator().manual_seed(0))
    spectrum = torch.fft.rfft2(images)  # torch.rfft(images, signal_ndim=2)
    np.testing.assert_allclose(spectrum.numpy(), np.fft.rfft2(images.numpy()), atol=1e-5)
    assert torch.view_as_real(spectrum).shape == (2, 4, 3, 2)  # what torch.rfft gave
    torch.testing.assert_close(torch.fft.irfft2(spectrum, s=(4, 5)), images)
    assert torch.fft.irfft2(spectrum).shape == (2, 4, 4)  # without s a column is lost

    kernel = torch.zeros(4, 5)
    kernel[1, 2] = 1.0  # moves each image by one row and two columns
    torch.testing.assert_close(circular_convolution(images, kernel), images.roll((1, 2), dims=(1, 2)))
    print(f"spectrum {tuple(spectrum.shape)} {spectrum.dtype}")
